import type { Attributes } from '@opentelemetry/api';
import type { ObservabilityPlugin } from '../plugin/plugin.js';
import type { CapturedObservability } from './capture.js';

/** A client of a database, as the suite `testDatabaseClient` needs it: real, and connected to a real server. */
export interface TestedDatabaseClient {
  /** Makes the plugin, as a service does. */
  plugin(options?: { readonly queryText?: 'sanitized' | 'raw' | 'none' }): ObservabilityPlugin;
  /** Connects a new client. */
  connect(): Promise<TestedDatabaseConnection>;
  /** What the span of {@link TestedDatabaseConnection.read} must contain. */
  readonly read: {
    /** Name of the span, for example `SELECT orders`. */
    readonly name: string;
    /** All attributes of the span except `db.query.text`. Use a function if the address of the server is not known yet. */
    readonly attributes: Attributes | (() => Attributes);
    /** `db.query.text`; a literal of the statement shows in `raw` and not in `sanitized`. */
    readonly queryText: { readonly sanitized: string | RegExp; readonly raw: string | RegExp };
  };
  /** What the span of {@link TestedDatabaseConnection.fail} must contain. */
  readonly failure: {
    /** `error.type`, of the span and of the metric. */
    readonly errorType: string;
    /** `db.response.status_code`, if the server sends one. */
    readonly statusCode?: string;
  };
  /**
   * What the plugin replaces while it is on: methods of prototypes, or whether a channel has subscribers. The entries
   * are compared before, while it is on, and after.
   *
   * For example `() => [Client.prototype.query, Client.prototype.connect]`.
   */
  patched(): readonly unknown[];
  /** Makes a pool of at most one connection, if the plugin records the metrics of the client's pools. */
  createPool?(): TestedDatabasePool;
}

/** A client that is connected. */
export interface TestedDatabaseConnection {
  /** One operation that succeeds; its statement has a literal in it. */
  read(): Promise<unknown>;
  /** One operation that the server refuses. */
  fail(): Promise<unknown>;
  /** The operation that succeeds, with a callback. Leave it out if the client has no callbacks. */
  readWithCallback?(done: (error?: unknown) => void): unknown;
  /** The operation that the server refuses, with a callback. Leave it out if the client has no callbacks. */
  failWithCallback?(done: (error?: unknown) => void): unknown;
  /** Disconnects it. */
  close(): unknown;
}

/** A pool of at most one connection. */
export interface TestedDatabasePool {
  /** `db.client.connection.pool.name`. */
  readonly name: string;
  /** One operation that succeeds. */
  read(): Promise<unknown>;
  /** The same with a callback. Leave it out if the client has no callbacks. */
  readWithCallback?(done: (error?: unknown) => void): unknown;
  /** Takes a connection out of the pool. Leave it out if the client cannot do this. */
  acquire?(): Promise<{ release(): unknown }>;
  /** Closes the pool and its connection. */
  close(): unknown;
}

/** What a test of the suite has. */
export interface DatabaseTest {
  start(options?: { queryText?: 'sanitized' | 'raw' | 'none' }, plugins?: number): CapturedObservability;
  connect(): Promise<TestedDatabaseConnection>;
  /** Closes something when the test is over. */
  closing(close: () => unknown): void;
  readonly pluginName: string;
}
