import type { IncomingMessage } from 'node:http';
import type { Attributes, Span, Tracer } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { Registry } from 'prom-client';
import type { Logger } from 'winston';
import type { Identity } from '../model/identity.js';
import type { ResolvedOptions } from '../options/resolve.js';

/**
 * Adds support for one framework, broker or database.
 *
 * @example
 * const natsPlugin = (): ObservabilityPlugin => ({
 *   name: 'nats',
 *   setup(context) {
 *     context.instrument(new NatsInstrumentation());
 *   },
 * });
 */
export interface ObservabilityPlugin {
  /** Short and lower-case, for example `express`. The log line at start shows it. */
  readonly name: string;
  /**
   * Called by `initObservability`, and again when the plugin is switched on after it was switched off. What it throws is logged with `OBS_PLUGIN_SETUP_FAILED`; the other
   * plugins go on.
   *
   * @returns a function that undoes everything that `setup` did other than through the context; `shutdown` calls it
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a setup that returns nothing is the usual one
  setup(context: PluginContext): void | (() => void);
}

/** What a plugin can use. Valid until `shutdown`. */
export interface PluginContext {
  /** Tracer named after the plugin. */
  readonly tracer: Tracer;
  /** The identity of the service: its name, version, environment and other labels. */
  readonly identity: Identity;
  /** The options of the instance, with all defaults. */
  readonly options: ResolvedOptions;
  /** Logger of the service; lines carry `plugin: <name>`. */
  readonly logger: Logger;
  /** The prom-client registry for metrics of the plugin; it is part of every scrape. */
  readonly metrics: { readonly registry: Registry };
  /** Adds to the span and metric of an HTTP request. */
  readonly http: HttpRequests;
  /** Records database operations and pools. */
  readonly databases: DatabaseOperations;
  /** Records sending, receiving and processing of messages. */
  readonly messaging: MessagingOperations;
  /**
   * Applies a stock OpenTelemetry instrumentation to the modules that it names, whether they are already loaded
   * or are loaded later. `shutdown` removes it.
   *
   * @param modules the modules themselves, by name, for bundled services, where the module cache is empty
   */
  instrument(instrumentation: Instrumentation, modules?: LoadedModules): void;
  /**
   * Applies a patch to every loaded copy of a module, and to copies that are loaded later.
   *
   * @param modules the modules themselves, by name, for bundled services
   */
  patchModule(patch: ModulePatch, modules?: LoadedModules): void;
}

/** Modules by package name, as `import` or `require` returned them. */
export type LoadedModules = Readonly<Record<string, unknown>>;

/** A patch of one package, for the versions that it supports. */
export interface ModulePatch {
  /** Name of the package, for example `express`. */
  readonly name: string;
  /** A file inside the package whose exports to patch, for example `lib/client.js`. Default: its main file. */
  readonly file?: string;
  /** Supported versions as semver ranges, for example `['>=4.16.0 <6']`. */
  readonly supportedVersions: readonly string[];
  /**
   * Also patches the package as an ES module. Node has no cache of ES modules to search. So the copy that the service lists among its
   * dependencies is patched at the first request or message, if the service has loaded it by then.
   */
  readonly esModule?: {
    /** Whether the service has loaded the package, detected by a trace that the package leaves in the process. */
    isLoaded(): boolean;
  };
  /** Changes the exports of the module in place. Called once for each copy of the package. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a patch that cannot be taken back returns nothing
  patch(moduleExports: unknown, version: string | undefined): void | (() => void);
}

/** How a framework plugin adds to the HTTP server span and metric of a request. */
export interface HttpRequests {
  /**
   * Names the route of a request: a template such as `/orders/:id`, never the path itself. `undefined` takes
   * the name back, for a request that matched no route after all. Unknown requests are ignored.
   */
  setRoute(request: IncomingMessage, route: string | undefined): void;
  /**
   * Like {@link HttpRequests.setRoute}, but called once, when the response ends. It is for frameworks in which it is
   * cheaper to find the route then.
   *
   * @returns whether the request is observed; false for ignored paths and unknown requests
   */
  setRouteResolver(
    request: IncomingMessage,
    resolve: (request: IncomingMessage) => string | undefined,
  ): boolean;
  /**
   * Records an error that a handler threw or passed on: an exception event on the span, and `error.type` on
   * span and metric. The same error counts once per request.
   */
  recordError(request: IncomingMessage, error: unknown): void;
}

/** How a database plugin records operations and pools, in the same way for all clients. */
export interface DatabaseOperations {
  /**
   * Starts an operation: its client span, and the time of `db_client_operation_duration_seconds`. Without an
   * active span around it only the metric is recorded.
   *
   * @param options.rootSpan records a span without a parent as well. Default: false
   */
  start(operation: DatabaseOperation, options?: { readonly rootSpan?: boolean }): StartedDatabaseOperation;
  /** Observes a connection pool until `stop` is called, or `shutdown`. */
  observePool(pool: DatabasePool): { waited(durationSeconds: number): void; stop(): void };
}

/** One operation, in the terms of the semantic conventions; every label value must be low in cardinality. */
export interface DatabaseOperation {
  /** `db.system.name`: `postgresql`, `mysql`, `mariadb`, `redis`, `mongodb`… */
  readonly system: string;
  /** `db.operation.name`: `SELECT`, `HSET`, `findAndModify`… */
  readonly name?: string | undefined;
  /** `db.collection.name`: the table or collection, when there is one. */
  readonly collection?: string | undefined;
  /** `db.namespace`: the database, with its schema where the system has them. */
  readonly namespace?: string | undefined;
  /** `db.query.summary`, which is also the name of the span: `SELECT orders`. */
  readonly summary?: string | undefined;
  /** `db.query.text`, sanitized. */
  readonly queryText?: string | undefined;
  /** `server.address`: host name or address of the server. */
  readonly serverAddress?: string | undefined;
  /** `server.port`. */
  readonly serverPort?: number | undefined;
  /** Operations in a pipeline or batch. */
  readonly batchSize?: number | undefined;
  /** Further attributes of the span. */
  readonly attributes?: Attributes | undefined;
}

/** How a database operation ended. */
export interface DatabaseOutcome {
  /** What the client threw or passed on; undefined for success. */
  readonly error?: unknown;
  /** `db.response.status_code`: SQLSTATE, or the server's error code. It becomes `error.type` too. */
  readonly statusCode?: string | undefined;
  /** Further attributes of the span that are known only now. */
  readonly attributes?: Attributes | undefined;
}

/** A database operation that runs. */
export interface StartedDatabaseOperation {
  /** Undefined where only the metric is recorded. */
  readonly span: Span | undefined;
  /** Runs a function with the span active. */
  run<T>(fn: () => T): T;
  /** Ends it; only the first call counts. */
  end(outcome?: DatabaseOutcome): void;
}

/** A connection pool that is observed. */
export interface DatabasePool {
  /** `db.system.name`. */
  readonly system: string;
  /** `db.client.connection.pool.name`: low in cardinality, for example `localhost:5432/shop`. */
  readonly name: string;
  /** Called at every scrape. */
  read(): { readonly used: number; readonly idle: number; readonly pending: number };
}

/** How a plugin records sending, receiving and processing messages, in the same way for all brokers and clients. */
export interface MessagingOperations {
  /**
   * Starts sending messages to one destination: a producer span `send <destination>`, whose context goes into the
   * headers of every message. Headers that carry a context already keep it, and the span links to that.
   */
  startSend(sent: SentMessages): StartedMessagingOperation;
  /**
   * Starts asking the broker for messages. `end` takes their `count`. If it is above 0 and there is an active span,
   * this is recorded as a client span `poll <destination>`. If the messages have several destinations, give none
   * here, and count them with {@link MessagingOperations.countConsumed}.
   */
  startReceive(received: ReceivedFrom): StartedMessagingOperation;
  /**
   * Starts processing a batch as a whole: a consumer span `process_batch <destination>` with links to the
   * producers. Messages that are processed while it runs link to it.
   *
   * @param options.counted whether its messages are already counted as consumed. Default: false
   */
  startBatch(
    batch: ReceivedBatch,
    options?: { readonly counted?: boolean | undefined },
  ): StartedMessagingOperation;
  /**
   * Starts processing one message: a consumer span `process <destination>`. Log lines written while it runs carry
   * `topic`, `partition` and `offset`.
   *
   * @param options.relation to the producer: `child` continues its trace, `link` starts another. Default: `child`
   * @param options.counted whether the message is already counted as consumed. Default: false
   */
  startProcess(
    message: ReceivedMessage,
    options?: { readonly relation?: 'child' | 'link' | undefined; readonly counted?: boolean | undefined },
  ): StartedMessagingOperation;
  /** Counts messages that a client delivers before, or without, processing them. */
  countConsumed(from: ReceivedFrom, count: number): void;
  /** Writes the active context into headers, unless they carry one. */
  injectHeaders(headers: MessageHeaders): void;
  /** Observes the group of a consumer: lag and rebalances. */
  observeGroup(system: string, consumerGroup: string): ConsumerGroupObservation;
}

/**
 * Headers as the clients have them: an object, a map, or a list of objects. Values may be text, bytes or lists of
 * these; anything else is not read. They are written as text.
 */
export type MessageHeaders = Record<string, unknown> | Map<unknown, unknown> | Record<string, unknown>[];

/** Where messages come from. */
export interface ReceivedFrom {
  /** `messaging.system`: `kafka`, `rabbitmq`… */
  readonly system: string;
  /** `messaging.destination.name`: the topic or queue; it must be low in cardinality. */
  readonly destination?: string | undefined;
  /** `messaging.consumer.group.name`. */
  readonly consumerGroup?: string | undefined;
  /** `messaging.client.id`. */
  readonly clientId?: string | undefined;
}

/** Messages that are sent to one destination at once. */
export interface SentMessages {
  /** `messaging.system`: `kafka`, `rabbitmq`… */
  readonly system: string;
  /** `messaging.destination.name`: the topic or queue; it must be low in cardinality. */
  readonly destination: string;
  /** `messaging.client.id`. */
  readonly clientId?: string | undefined;
  /** How many messages. */
  readonly count: number;
  /** The headers of each message, to be written to. */
  readonly headers: readonly MessageHeaders[];
  /** For a single message: where it is sent to, if the service says so. */
  readonly partition?: number | undefined;
  /** For a single message; shown if it is text. */
  readonly key?: unknown;
  /** For a single message: it has a key and no value. */
  readonly tombstone?: boolean | undefined;
}

/** A batch of messages that a handler gets at once. */
export interface ReceivedBatch extends ReceivedFrom {
  /** `messaging.destination.partition.id`. */
  readonly partition?: number | undefined;
  /** Offset of the first message. */
  readonly offset?: string | number | bigint | undefined;
  /** How many messages. */
  readonly count: number;
  /** The headers of the messages. */
  readonly headers?: readonly (MessageHeaders | undefined)[] | undefined;
  /** The broker's timestamp of the first message, in milliseconds since 1970. */
  readonly timestampMillis?: string | number | bigint | undefined;
}

/** One message that a handler gets. */
export interface ReceivedMessage extends ReceivedFrom {
  /** `messaging.destination.partition.id`. */
  readonly partition?: number | undefined;
  /** `messaging.kafka.offset`, where the broker has one. */
  readonly offset?: string | number | bigint | undefined;
  /** Shown if it is text. */
  readonly key?: unknown;
  /** Whether it has a key and no value. */
  readonly tombstone?: boolean | undefined;
  /** The headers, which carry the context of the producer. */
  readonly headers?: MessageHeaders | undefined;
  /** The broker's timestamp, in milliseconds since 1970. */
  readonly timestampMillis?: string | number | bigint | undefined;
}

/** How a messaging operation ended. */
export interface MessagingOutcome {
  /** What the client or the handler threw; leave it out for success. */
  readonly error?: unknown;
  /** `error.type`, where the class of the error says too little. */
  readonly errorType?: string | undefined;
  /** How many messages were received. */
  readonly count?: number | undefined;
  /** Further attributes of the span that are known only now. */
  readonly attributes?: Attributes | undefined;
}

/** A messaging operation that runs. */
export interface StartedMessagingOperation {
  /** Undefined where tracing is suppressed. */
  readonly span: Span | undefined;
  /** Runs a function with the span active. */
  run<T>(fn: () => T): T;
  /** Ends it; only the first call counts. */
  end(outcome?: MessagingOutcome): void;
}

/** What a consumer reports about its group while it runs. */
export interface ConsumerGroupObservation {
  /** How many messages of a partition the group still has to process. */
  lag(destination: string, partition: number, messages: number): void;
  /** The consumer gives up its partitions and joins its group again. */
  rebalanced(): void;
  /** The consumer has stopped. */
  left(): void;
}
