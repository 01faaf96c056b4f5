import { logger } from '@throughline/core';
import { Router } from 'express';
import type { ProductClient } from '../product-client.js';

export function checkoutRoutes(products: ProductClient): Router {
  const router = Router();

  router.get('/', async (_request, response) => {
    logger.info('Checkout opened.');
    response.json(await products.stock());
  });

  return router;
}
