import { Router } from 'express';
import { parseProductId } from '../../http-service/product-id.js';
import type { ViewCounts } from '../view-counts.js';

export function viewRoutes(counts: ViewCounts): Router {
  const router = Router();

  router.get('/:id', async (request, response) => {
    const productId = parseProductId(request.params.id);
    response.json({ productId, views: await counts.read(productId) });
  });

  return router;
}
