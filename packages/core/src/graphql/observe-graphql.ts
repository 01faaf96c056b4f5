import type { Part } from '../model/part.js';
import type { ModulePatch } from '../plugin/modules.js';
import { type GraphqlParts, graphqlPatches } from './graphql-execute.js';

export interface ObservedGraphql extends GraphqlParts {
  /** Stock instrumentations of the service: what they record is not recorded twice. */
  readonly stock: readonly { readonly instrumentationName?: string }[];
  readonly patch: (patch: ModulePatch) => () => void;
}

/** Spans and durations of GraphQL operations that the service executes. */
export function observeGraphql({ stock, patch, ...parts }: ObservedGraphql): Part {
  const isStock = stock.some(
    ({ instrumentationName }) => instrumentationName === '@opentelemetry/instrumentation-graphql',
  );
  const undos = isStock ? [] : graphqlPatches(parts).map(patch);
  return {
    stop() {
      for (const undo of undos.splice(0)) undo();
    },
  };
}
