/*
 * Names that moved from the main entry to `@throughline/core/plugin`. They stay here as types that fit nothing, so that
 * the compiler tells the author of a plugin where to import them from.
 */

/** Stands for a type that is exported by another entry; the parameter names the entry to import it from. */
export interface MovedTo<Entry extends string> {
  readonly importItFrom: Entry;
}

/** @deprecated Import it from `@throughline/core/plugin`. */
export type ConsumerGroupObservation = MovedTo<'@throughline/core/plugin'>;
/** @deprecated Import it from `@throughline/core/plugin`. */
export type DatabaseOperation = MovedTo<'@throughline/core/plugin'>;
/** @deprecated Import it from `@throughline/core/plugin`. */
export type DatabaseOperations = MovedTo<'@throughline/core/plugin'>;
/** @deprecated Import it from `@throughline/core/plugin`. */
export type DatabaseOutcome = MovedTo<'@throughline/core/plugin'>;
/** @deprecated Import it from `@throughline/core/plugin`. */
export type DatabasePool = MovedTo<'@throughline/core/plugin'>;
/** @deprecated Import it from `@throughline/core/plugin`. */
export type HttpRequests = MovedTo<'@throughline/core/plugin'>;
/** @deprecated Import it from `@throughline/core/plugin`. */
export type LoadedModules = MovedTo<'@throughline/core/plugin'>;
/** @deprecated Import it from `@throughline/core/plugin`. */
export type MessageHeaders = MovedTo<'@throughline/core/plugin'>;
/** @deprecated Import it from `@throughline/core/plugin`. */
export type MessagingOperations = MovedTo<'@throughline/core/plugin'>;
/** @deprecated Import it from `@throughline/core/plugin`. */
export type MessagingOutcome = MovedTo<'@throughline/core/plugin'>;
/** @deprecated Import it from `@throughline/core/plugin`. */
export type ModulePatch = MovedTo<'@throughline/core/plugin'>;
/** @deprecated Import it from `@throughline/core/plugin`. */
export type ObservabilityPlugin = MovedTo<'@throughline/core/plugin'>;
/** @deprecated Import it from `@throughline/core/plugin`. */
export type PluginContext = MovedTo<'@throughline/core/plugin'>;
/** @deprecated Import it from `@throughline/core/plugin`. */
export type ReceivedBatch = MovedTo<'@throughline/core/plugin'>;
/** @deprecated Import it from `@throughline/core/plugin`. */
export type ReceivedFrom = MovedTo<'@throughline/core/plugin'>;
/** @deprecated Import it from `@throughline/core/plugin`. */
export type ReceivedMessage = MovedTo<'@throughline/core/plugin'>;
/** @deprecated Import it from `@throughline/core/plugin`. */
export type ResolvedOptions = MovedTo<'@throughline/core/plugin'>;
/** @deprecated Import it from `@throughline/core/plugin`. */
export type SentMessages = MovedTo<'@throughline/core/plugin'>;
/** @deprecated Import it from `@throughline/core/plugin`. */
export type StartedDatabaseOperation = MovedTo<'@throughline/core/plugin'>;
/** @deprecated Import it from `@throughline/core/plugin`. */
export type StartedMessagingOperation = MovedTo<'@throughline/core/plugin'>;
