import { InvalidInputError } from './http-error.js';

/** @throws InvalidInputError */
export function parseProductId(text: string): number {
  const id = Number(text);
  if (!/^\d{1,9}$/.test(text)) throw new InvalidInputError('The product id must be a whole number.');
  return id;
}
