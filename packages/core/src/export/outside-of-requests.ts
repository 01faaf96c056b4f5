import { AsyncLocalStorage } from 'node:async_hooks';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';

/**
 * Runs the export in the context in which observability started: a request that happens to be served must not be held
 * in memory by a timer or a connection of the export, and the export itself makes no spans.
 */
export function outsideOfRequests(): (run: () => void) => void {
  const atStart = AsyncLocalStorage.snapshot();
  const inside = (run: () => void) => context.with(suppressTracing(ROOT_CONTEXT), run);
  // The first change is visible to who observes changes of the context; the one by the snapshot is not.
  return (run) => context.with(ROOT_CONTEXT, () => atStart(inside, run));
}
