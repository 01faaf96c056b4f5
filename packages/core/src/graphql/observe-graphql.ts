import type { AsyncLocalStorage } from 'node:async_hooks';
import type { Context, Tracer } from '@opentelemetry/api';
import type { ObservabilityError } from '../model/errors.js';
import type { Part } from '../model/part.js';
import type { ModulePatch } from '../plugin/modules.js';
import { createStartExecution } from './execution.js';
import { observeGraphqlChannels } from './graphql-channels.js';
import { graphqlPatches } from './graphql-execute.js';
import type { RecordOperation } from './graphql-metrics.js';

export interface ObservedGraphql {
  readonly tracer: Tracer;
  readonly record: RecordOperation;
  /** Where the context of OpenTelemetry is kept; undefined if that is not known. */
  readonly contextStorage: AsyncLocalStorage<Context> | undefined;
  readonly report: (error: ObservabilityError) => void;
  /** Stock instrumentations of the service: what they record is not recorded twice. */
  readonly stock: readonly { readonly instrumentationName?: string }[];
  readonly patch: (patch: ModulePatch) => () => void;
}

/** Spans and durations of GraphQL operations that the service executes. */
export function observeGraphql({
  stock,
  patch,
  tracer,
  record,
  contextStorage,
  report,
}: ObservedGraphql): Part {
  const isStock = stock.some(
    ({ instrumentationName }) => instrumentationName === '@opentelemetry/instrumentation-graphql',
  );
  const start = createStartExecution(tracer, record);
  const undos = isStock
    ? []
    : [...graphqlPatches(start, report).map(patch), observeGraphqlChannels(start, contextStorage)];
  return {
    stop() {
      for (const undo of undos.splice(0)) undo();
    },
  };
}
