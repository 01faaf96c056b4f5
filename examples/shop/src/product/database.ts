import { logger } from '@throughline/core';
import pg from 'pg';

/** A schema of its own, so that the example can share a database. */
const createSchema = `
  CREATE SCHEMA IF NOT EXISTS throughline_shop;
  CREATE TABLE IF NOT EXISTS throughline_shop.products (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku text NOT NULL UNIQUE,
    name text NOT NULL,
    price_cents integer NOT NULL CHECK (price_cents >= 0),
    registered_at timestamptz NOT NULL DEFAULT now()
  );
  INSERT INTO throughline_shop.products (sku, name, price_cents) VALUES
    ('MUG-01', 'Enamel mug', 1250),
    ('LMP-07', 'Desk lamp', 4900),
    ('NTB-03', 'Notebook, ruled', 690)
  ON CONFLICT (sku) DO NOTHING;
`;

/** Connects and creates what the service needs where it is not there yet. */
export async function openDatabase(postgresUrl: string): Promise<pg.Pool> {
  const pool = new pg.Pool({
    connectionString: postgresUrl,
    max: 5,
    connectionTimeoutMillis: 5_000,
    application_name: 'throughline-example-product',
  });
  // An idle connection that the server closes is replaced by the pool; unheard, the event would end the process.
  pool.on('error', (error) => logger.warn('A database connection was lost.', { error }));
  await pool.query(createSchema);
  return pool;
}
