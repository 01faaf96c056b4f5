import { logger } from '@throughline/core';
import { Redis } from 'ioredis';

/** Connects in the background: the service works before Redis is available, and without it. */
export function openCache(redisUrl: string): Redis {
  const redis = new Redis(redisUrl, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    connectionName: 'throughline-example-product',
  });
  redis.on('error', (error) => logger.warn('The cache connection failed.', { error }));
  return redis;
}
