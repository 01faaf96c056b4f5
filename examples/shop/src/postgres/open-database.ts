import { logger } from '@throughline/core';
import pg from 'pg';

/** Any number that all services of the shop agree on. */
const schemaLock = 7_467_001;

export interface DatabaseOptions {
  readonly postgresUrl: string;
  readonly applicationName: string;
  /** Statements that create the service's own tables where they are not there yet. */
  readonly createTables: string;
}

/** Connects and creates what the service needs, in a schema of the shop's own, so that it can share a database. */
export async function openDatabase(options: DatabaseOptions): Promise<pg.Pool> {
  const pool = new pg.Pool({
    connectionString: options.postgresUrl,
    max: 5,
    connectionTimeoutMillis: 5_000,
    application_name: options.applicationName,
  });
  // An idle connection that the server closes is replaced by the pool; unheard, the event would end the process.
  pool.on('error', (error) => logger.warn('A database connection was lost.', { error }));
  // Instances start together, and IF NOT EXISTS alone is no lock: the loser would end with a duplicate key.
  await pool.query(
    `SELECT pg_advisory_xact_lock(${schemaLock}); CREATE SCHEMA IF NOT EXISTS throughline_shop; ${options.createTables}`,
  );
  return pool;
}
