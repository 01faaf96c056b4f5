import { logger } from '@throughline/core';
import { Router } from 'express';
import type { ProductRepository } from '../product-repository.js';

export function stockRoutes(products: ProductRepository): Router {
  const router = Router();

  router.get('/', async (_request, response) => {
    const stock = await products.stock();
    logger.info('Stock read.');
    response.json({ stock });
  });

  return router;
}
