/* A service with the client of pg in C, on libpq: what its queries leave, as one JSON object. */
import { logger, withSpan } from '@throughline/core';
import { captureObservability } from '@throughline/core/testing';
import { dbPlugin } from '@throughline/db';
import pg from 'pg';

const before = process.argv[2] === 'before' ? pg.native : undefined;
const captured = captureObservability({ serviceName: 'native', plugins: [dbPlugin()] });
await captured.observability.ready;
const { Pool, Client, Query } = before ?? pg.native;

const connectionString = process.env.POSTGRES_URL;
const pool = new Pool({ connectionString, max: 1 });
const client = new Client({ connectionString });
await client.connect();

const found = {};
/** Whether a line that is logged now would have a trace. */
function isInside() {
  logger.info('here');
  return captured.logLines.at(-1).trace_id !== undefined;
}

async function within(name, work) {
  captured.reset();
  let rootId;
  const result = await withSpan(name, (span) => {
    rootId = span.spanContext().spanId;
    return work();
  });
  await captured.observability.flush();
  found[name] = {
    result,
    spans: captured.spans
      .filter((span) => span.name !== name)
      .map((span) => ({
        name: span.name,
        isChild: span.parentSpanContext?.spanId === rootId,
        text: span.attributes['db.query.text'],
        errorType: span.attributes['error.type'],
        system: span.attributes['db.system.name'],
      })),
  };
}

const one = "SELECT relname FROM pg_class WHERE relname = 'pg_class'";
await within('promise', async () => (await client.query(one)).rows.length);
await within('pool', async () => (await pool.query(one)).rows.length);
await within('values', async () => (await client.query('SELECT $1::int AS n', [7])).rows[0].n);
await within(
  'callback',
  () =>
    new Promise((resolve) => {
      client.query(one, (_error, result) => resolve([result.rows.length, isInside()]));
    }),
);
await within(
  'query object',
  () =>
    new Promise((resolve) => client.query(new Query(one)).once('end', () => setImmediate(resolve, 'ended'))),
);
await within('error', () => client.query('SELECT * FROM nowhere').catch(({ message }) => message));
found.metrics = await captured.metrics();
await client.end();
await pool.end();
await captured.stop();
console.log(JSON.stringify(found));
