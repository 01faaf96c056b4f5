import type { Express } from 'express';
import { createService } from '../http-service/service-app.js';
import type { ProductRepository } from './product-repository.js';
import { productRoutes } from './routes/products.js';
import { stockRoutes } from './routes/stock.js';
import type { ViewEvents } from './view-events.js';

export function createProductApp(products: ProductRepository, views: ViewEvents): Express {
  return createService({
    '/products': productRoutes(products, views),
    '/stock': stockRoutes(products),
  });
}
