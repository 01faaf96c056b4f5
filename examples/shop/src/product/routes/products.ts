import { logger } from '@throughline/core';
import { Router } from 'express';
import { Counter } from 'prom-client';
import { parseProductId } from '../../http-service/product-id.js';
import { parseNewProduct } from '../new-product.js';
import type { ProductRepository } from '../product-repository.js';
import { forecastSales } from '../sales-forecast.js';
import type { ViewEvents } from '../view-events.js';

/** A prom-client metric of the service, in the default registry. It is served together with Throughline's metrics. */
const registered = new Counter({
  name: 'shop_products_registered_total',
  help: 'Products registered since the service started.',
});

export function productRoutes(products: ProductRepository, views: ViewEvents): Router {
  const router = Router();

  router.get('/', async (_request, response) => {
    const list = await products.list();
    logger.info('Products listed.', { count: list.length });
    response.json({ products: list });
  });

  router.post('/', async (request, response) => {
    const product = await products.register(parseNewProduct(request.body));
    registered.inc();
    logger.info('Product registered.', { product_id: product.id, sku: product.sku });
    response.status(201).location(`/products/${product.id}`).json(product);
  });

  router.get('/:id', async (request, response) => {
    const product = await products.read(parseProductId(request.params.id));
    views.viewed(product.id);
    logger.info('Product read.', { product_id: product.id });
    response.json(product);
  });

  router.get('/:id/report', async (request, response) => {
    const report = await products.salesReport(parseProductId(request.params.id));
    const unitsForecast = forecastSales(report.unitsSold);
    logger.info('Sales report made.', { product_id: report.productId });
    response.json({ ...report, unitsForecast });
  });

  return router;
}
