import express, { type Express, Router } from 'express';
import { answerError, answerNotFound } from '../http-service/error-response.js';
import type { ProductClient } from './product-client.js';
import { checkoutRoutes } from './routes/checkout.js';
import { productRoutes } from './routes/products.js';

export function createGatewayApp(products: ProductClient): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: '32kb' }));

  app.get('/healthz', (_request, response) => {
    response.json({ ok: true });
  });
  const shop = Router();
  shop.use('/products', productRoutes(products));
  shop.use('/checkout', checkoutRoutes(products));
  app.use('/shop', shop);

  app.use(answerNotFound);
  app.use(answerError);
  return app;
}
