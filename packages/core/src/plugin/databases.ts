import type { Attributes, Span } from '@opentelemetry/api';

/** How a database plugin records operations and pools, in the same way for all clients. */
export interface DatabaseOperations {
  /**
   * Starts an operation: its client span, and the time of `db_client_operation_duration_seconds`. Without an
   * active span around it only the metric is recorded.
   *
   * @param options.rootSpan records a span without a parent as well. Default: false
   * @param options.startMillis when the operation has begun, as a reading of `performance.now()`. Default: now
   */
  start(
    operation: DatabaseOperation,
    options?: { readonly rootSpan?: boolean; readonly startMillis?: number },
  ): StartedDatabaseOperation;
  /** Observes a connection pool until `stop` is called, or `shutdown`. */
  observePool(pool: DatabasePool): DatabasePoolObservation;
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
