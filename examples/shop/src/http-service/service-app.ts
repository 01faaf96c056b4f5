import express, { type Express, type Router } from 'express';
import { answerError, answerNotFound } from './error-response.js';

/** The Express app that all services of the shop share; each adds its routes. */
export function createService(routes: Readonly<Record<string, Router>>): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: '32kb' }));

  app.get('/healthz', (_request, response) => {
    response.json({ ok: true });
  });
  for (const [path, router] of Object.entries(routes)) app.use(path, router);

  app.use(answerNotFound);
  app.use(answerError);
  return app;
}
