import type { DatabaseOperations, LoadedModules, PluginContext } from '@throughline/core/plugin';

/** The options with their defaults, and the parts of the context that every client needs. */
export interface DatabaseClientContext {
  readonly databases: DatabaseOperations;
  readonly patchModule: PluginContext['patchModule'];
  readonly instrument: PluginContext['instrument'];
  readonly logger: PluginContext['logger'];
  readonly modules: LoadedModules | undefined;
  readonly queryText: 'sanitized' | 'raw' | 'none';
  readonly maxQueryTextLength: number;
  readonly rootSpans: boolean;
  readonly sqlComments: boolean;
}

/** Observes one client library. Returns a function that undoes everything that it did other than through the context. */
export type DatabaseClientSetup = (context: DatabaseClientContext) => undefined | (() => void);
