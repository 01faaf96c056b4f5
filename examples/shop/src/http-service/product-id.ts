import { InvalidInputError } from './http-error.js';

/** @throws InvalidInputError */
export function parseProductId(text: string): number {
  const id = Number(text);
  if (!/^\d{1,9}$/.test(text)) throw new InvalidInputError('A product id is a whole number.');
  return id;
}
