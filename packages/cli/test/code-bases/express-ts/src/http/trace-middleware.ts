import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import { TRACE_HEADER as header } from './headers.js';

export function traceMiddleware(req: Request, res: Response, next: NextFunction): void {
  const traceId = req.header(header) ?? randomUUID(); // finds: header-read id-made
  res.locals.traceId = traceId; // finds: context-stored
  res.setHeader(header, traceId); // finds: header-returned
  next();
}
