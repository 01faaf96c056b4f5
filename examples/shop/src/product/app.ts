import express, { type Express } from 'express';
import { answerError, answerNotFound } from '../http-service/error-response.js';
import type { ProductRepository } from './product-repository.js';
import { productRoutes } from './routes/products.js';
import { stockRoutes } from './routes/stock.js';

export function createProductApp(products: ProductRepository): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: '32kb' }));

  app.get('/healthz', (_request, response) => {
    response.json({ ok: true });
  });
  app.use('/products', productRoutes(products));
  app.use('/stock', stockRoutes(products));

  app.use(answerNotFound);
  app.use(answerError);
  return app;
}
