import type { LoadedModules, MessagingOperations, PluginContext } from '@throughline/core/plugin';

/** The options with their defaults, and the parts of the context that every client needs. */
export interface KafkaClientContext {
  readonly messaging: MessagingOperations;
  readonly patchModule: PluginContext['patchModule'];
  readonly modules: LoadedModules | undefined;
  readonly relation: 'child' | 'link';
}

/** Observes one client library. Returns a function that undoes everything that it did other than through the context. */
export type KafkaClientSetup = (context: KafkaClientContext) => undefined | (() => void);
