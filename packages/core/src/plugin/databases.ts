import type { Attributes, Span } from '@opentelemetry/api';

/** How a database plugin records operations and pools, in the same way for all clients. */
export interface DatabaseOperations {
  /**
   * Starts an operation: its client span, and the time of `db_client_operation_duration_seconds`. Without an
   * active span around it only the metric is recorded.
   */
  start(operation: DatabaseOperation, options?: DatabaseStartOptions): StartedDatabaseOperation;
  /**
   * Makes ready what many operations have in common: a statement, or the name of a command, at one server. An operation
   * that is started from it costs a fraction of one that is started by `start`. Keep it for the next operation, and bound how
   * many you keep. The description must not change afterwards.
   *
   * @example
   * import type { DatabaseOperations } from '@throughline/core/plugin';
   *
   * function observedGet(databases: DatabaseOperations): (key: string) => void {
   *   const get = databases.prepare({ system: 'acme', name: 'GET', serverAddress: 'cache' });
   *   return (key) => get.start(undefined, { queryText: `GET ${key}` }).end();
   * }
   */
  prepare(operation: DatabaseOperation): PreparedDatabaseOperation;
  /** Observes a connection pool until `stop` is called, or `shutdown`. */
  observePool(pool: DatabasePool): DatabasePoolObservation;
}

/** How one operation starts. */
export interface DatabaseStartOptions {
  /** Records a span without a parent as well. Default: false */
  readonly rootSpan?: boolean | undefined;
  /** When the operation has begun, as a reading of `performance.now()`. Default: now */
  readonly startMillis?: number | undefined;
}

/** Operations that differ only in their text. */
export interface PreparedDatabaseOperation {
  /**
   * Starts one, like {@link DatabaseOperations.start}.
   *
   * @param text `db.query.text` of this operation, if each has its own; it is read only if there is a span for it
   */
  start(
    options?: DatabaseStartOptions,
    text?: Pick<DatabaseOperation, 'queryText'>,
  ): StartedDatabaseOperation;
}

/** One operation, in the terms of the semantic conventions; every label value must be low in cardinality. */
export interface DatabaseOperation {
  /** `db.system.name`: `postgresql`, `mysql`, `mariadb`, `redis`, `mongodb`… */
  readonly system: string;
  /** `db.operation.name`: `SELECT`, `HSET`, `findAndModify`… */
  readonly name?: string | undefined;
  /** `db.collection.name`: the table or collection, when there is one. */
  readonly collection?: string | undefined;
  /** `db.namespace`: the database, with its schema if the system has schemas. */
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
  /** Attributes of the span that are known only at the end. */
  readonly attributes?: Attributes | undefined;
}

/** A database operation that runs. */
export interface StartedDatabaseOperation {
  /** Undefined if only the metric is recorded. */
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

/** What a plugin reports about a connection pool while it is observed. */
export interface DatabasePoolObservation {
  /** A caller got a connection after waiting this long. */
  waited(durationSeconds: number): void;
  /** The pool is closed. */
  stop(): void;
}
