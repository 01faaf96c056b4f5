import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { Request, Response } from 'express';
import { nanoid } from 'nanoid';
import type { TraceContext } from './trace-context';

@Injectable()
export class TraceMiddleware implements NestMiddleware {
  private static readonly HEADER = 'x-trace-id';

  constructor(private readonly context: TraceContext) {}

  use(req: Request, res: Response, next: () => void): void {
    const id = req.headers[TraceMiddleware.HEADER] || nanoid(); // finds: header-read id-made
    req['traceId'] = id; // finds: context-stored
    res.set(TraceMiddleware.HEADER, id); // finds: header-returned
    this.context.enter(id);
    next();
  }
}
