import { logger } from '@throughline/core';
import type { Redis } from 'ioredis';
import type { Product, ProductRepository } from './product-repository.js';

const lifetimeSeconds = 30;

/** Caches single products in Redis for a limited time. Without Redis, products come from the database. */
export function cacheProductReads(repository: ProductRepository, redis: Redis): ProductRepository {
  return {
    ...repository,
    async read(id) {
      const key = `product:${id}`;
      const cached = await redis.get(key).catch(unavailable);
      if (cached) return JSON.parse(cached) as Product;
      const product = await repository.read(id);
      await redis.set(key, JSON.stringify(product), 'EX', lifetimeSeconds).catch(unavailable);
      return product;
    },
  };
}

function unavailable(error: unknown): null {
  logger.warn('The cache is not available.', { error });
  return null;
}
