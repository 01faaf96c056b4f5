import { type Context, createContextKey, type Span } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import type { ServedRequest } from '../context/server-context.js';
import type { Annotations } from './annotations.js';

/**
 * The request, message or job that a context belongs to. What is annotated anywhere inside goes to its span, not to the
 * innermost one.
 */
export interface UnitOfWork {
  readonly span: Span;
  annotations?: Annotations | undefined;
  /** Set when it has ended and is reported. */
  isOver?: boolean;
  /** Of a request: its route, once that is final. */
  route?: string | undefined;
  /** Of a request: the request itself while it runs. */
  request?: ServedRequest | undefined;
}

export const unitOfWorkKey = createContextKey('throughline.unit-of-work');

export function withUnitOfWork(context: Context, work: UnitOfWork): Context {
  return context.setValue(unitOfWorkKey, work);
}

/**
 * The innermost one. A request has no entry: its context would need one more for every request. Its RPC metadata, which
 * every request has, holds its span.
 */
export function unitOfWorkOf(context: Context): UnitOfWork | undefined {
  return (
    (context.getValue(unitOfWorkKey) as UnitOfWork | undefined) ??
    (getRPCMetadata(context) as UnitOfWork | undefined)
  );
}
