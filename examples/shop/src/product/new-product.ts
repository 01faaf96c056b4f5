import { InvalidInputError } from '../http-service/http-error.js';
import type { NewProduct } from './product-repository.js';

/** @throws InvalidInputError */
export function parseNewProduct(body: unknown): NewProduct {
  const { sku, name, priceCents } = (body ?? {}) as Record<string, unknown>;
  if (typeof sku !== 'string' || !/^[A-Z0-9-]{1,32}$/.test(sku)) {
    throw new InvalidInputError('sku must be 1 to 32 capital letters, digits and dashes.');
  }
  if (typeof name !== 'string' || name.trim() === '' || name.length > 200) {
    throw new InvalidInputError('name must have 1 to 200 characters.');
  }
  if (typeof priceCents !== 'number' || !Number.isInteger(priceCents) || priceCents < 0 || priceCents > 1e9) {
    throw new InvalidInputError('priceCents must be a whole number of cents.');
  }
  return { sku, name, priceCents };
}
