import type { LoadedModules, ObservabilityPlugin } from '@throughline/core/plugin';
import type { DatabaseClientContext, DatabaseClientSetup } from './client/client-context.js';
import { setUpIoredis } from './ioredis/setup.js';
import { setUpMongodb } from './mongodb/setup.js';
import { setUpMysql2 } from './mysql2/setup.js';
import { setUpPg } from './pg/setup.js';
import { setUpRedis } from './redis/setup.js';

export interface DbPluginOptions {
  /**
   * The modules themselves, by package name, for a service that is bundled into one file: there they are not in
   * Node's module cache, in which the plugin otherwise finds them.
   *
   * @example
   * import pg from 'pg';
   * dbPlugin({ modules: { pg } });
   */
  readonly modules?: LoadedModules | undefined;
  /**
   * What `db.query.text` shows: `sanitized` replaces literals by `?`, `raw` is the text as the client sends it,
   * `none` leaves it out. Default: `sanitized`.
   */
  readonly queryText?: 'sanitized' | 'raw' | 'none' | undefined;
  /** Longest `db.query.text`, in characters; the rest is cut. Default: 2048. */
  readonly maxQueryTextLength?: number | undefined;
  /** Whether operations outside any span start a trace. The metric always counts them. Default: false. */
  readonly rootSpans?: boolean | undefined;
  /** Adds the trace context to SQL statements as a comment (sqlcommenter), never to prepared ones. Default: false. */
  readonly sqlComments?: boolean | undefined;
}

/** One file per client library; each is independent of the others. */
const clients: readonly DatabaseClientSetup[] = [
  setUpIoredis,
  setUpRedis,
  setUpMongodb,
  setUpPg,
  setUpMysql2,
];

/**
 * Spans and `db_client_operation_duration_seconds` for pg, mysql2, ioredis, redis and mongodb, and the metrics of
 * their connection pools, by the stable semantic conventions. Clients and pools may be made before or after this.
 *
 * @example
 * initObservability({ plugins: [dbPlugin()] });
 */
export function dbPlugin(options: DbPluginOptions = {}): ObservabilityPlugin {
  return {
    name: 'db',
    setup(context) {
      const client: DatabaseClientContext = {
        databases: context.databases,
        patchModule: context.patchModule,
        instrument: context.instrument,
        logger: context.logger,
        modules: options.modules,
        queryText: options.queryText ?? 'sanitized',
        maxQueryTextLength: options.maxQueryTextLength ?? 2_048,
        rootSpans: options.rootSpans ?? false,
        sqlComments: options.sqlComments ?? false,
      };
      const undos = clients.map((setUp) => setUp(client)).filter((undo) => undo !== undefined);
      return () => {
        for (const undo of undos.reverse()) undo();
      };
    },
  };
}
