import { type Express, Router } from 'express';
import { createService } from '../http-service/service-app.js';
import type { ProductClient } from './product-client.js';
import { checkoutRoutes } from './routes/checkout.js';
import { productRoutes } from './routes/products.js';

export function createGatewayApp(products: ProductClient): Express {
  const shop = Router();
  shop.use('/products', productRoutes(products));
  shop.use('/checkout', checkoutRoutes(products));
  return createService({ '/shop': shop });
}
