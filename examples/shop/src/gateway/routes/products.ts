import { logger } from '@throughline/core';
import { Router } from 'express';
import type { ProductClient } from '../product-client.js';

export function productRoutes(products: ProductClient): Router {
  const router = Router();

  router.get('/', async (_request, response) => {
    const list = await products.list();
    logger.info('Catalogue shown.');
    response.json(list);
  });

  router.post('/', async (request, response) => {
    const product = await products.register(request.body);
    logger.info('Product submitted.');
    response.status(201).json(product);
  });

  router.get('/:id', async (request, response) => {
    const product = await products.read(request.params.id);
    logger.info('Product shown.', { product_id: request.params.id });
    response.json(product);
  });

  router.get('/:id/report', async (request, response) => {
    const report = await products.salesReport(request.params.id);
    logger.info('Sales report shown.', { product_id: request.params.id });
    response.json(report);
  });

  return router;
}
