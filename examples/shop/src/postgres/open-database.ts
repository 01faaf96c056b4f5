import { logger } from '@throughline/core';
import pg from 'pg';

/** Key of the advisory lock: any number, the same in all services of the shop. */
const schemaLock = 7_467_001;

export interface DatabaseOptions {
  readonly postgresUrl: string;
  readonly applicationName: string;
  /** Statements that create the tables of the service if they do not exist. */
  readonly createTables: string;
}

/** Connects, and creates the tables that the service needs. They are in a separate schema, so the shop can share a database. */
export async function openDatabase(options: DatabaseOptions): Promise<pg.Pool> {
  const pool = new pg.Pool({
    connectionString: options.postgresUrl,
    max: 5,
    connectionTimeoutMillis: 5_000,
    application_name: options.applicationName,
  });
  // The pool replaces an idle connection that the server closes. Without a listener the event would end the process.
  pool.on('error', (error) => logger.warn('A database connection was lost.', { error }));
  // Instances start at the same time. IF NOT EXISTS is not a lock: without one, an instance could fail with a duplicate key.
  await pool.query(
    `SELECT pg_advisory_xact_lock(${schemaLock}); CREATE SCHEMA IF NOT EXISTS throughline_shop; ${options.createTables}`,
  );
  return pool;
}
