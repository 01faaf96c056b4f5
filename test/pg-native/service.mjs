/* A service with the client of pg in C, on libpq: what its queries leave, as one JSON object. */
import { captureObservability } from '@throughline/core/testing';
import { dbPlugin } from '@throughline/db';
import pg from 'pg';

const before = process.argv[2] === 'before' ? pg.native : undefined;
const captured = captureObservability({ serviceName: 'native', plugins: [dbPlugin()] });
await captured.observability.ready;
const { Pool, Client, Query } = before ?? pg.native;
const { tracer } = captured.observability;
const { context, trace } = await import('@opentelemetry/api');

const connectionString = process.env.POSTGRES_URL;
const pool = new Pool({ connectionString, max: 1 });
const client = new Client({ connectionString });
await client.connect();

const found = {};
async function within(name, work) {
  captured.reset();
  const root = tracer.startSpan(name);
  const result = await context.with(trace.setSpan(context.active(), root), work);
  root.end();
  await captured.observability.flush();
  found[name] = {
    result,
    spans: captured.spans
      .filter((span) => span.name !== name)
      .map((span) => ({
        name: span.name,
        isChild: span.parentSpanContext?.spanId === root.spanContext().spanId,
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
      client.query(one, (_error, result) =>
        resolve([result.rows.length, trace.getActiveSpan() !== undefined]),
      );
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
