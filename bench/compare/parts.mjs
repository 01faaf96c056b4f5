/* The real parts that some scenarios talk to: a PostgreSQL, a Kafka broker, and an HTTP server that answers a fetch. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { kafkaHint, startKafka } from '@throughline/testbed/kafka';
import { startPostgres } from '@throughline/testbed/postgres';
import { createProcesses } from '@throughline/testbed/processes';

/** @returns `parts` by name; one that cannot be started has `missing` with the reason */
export async function startParts(needed, folder) {
  const processes = createProcesses();
  const starts = { postgres, kafka, upstream };
  const parts = {};
  for (const name of needed) {
    try {
      parts[name] = await starts[name]({ processes, folder });
    } catch (error) {
      parts[name] = { missing: `There is no ${name}: ${error.message}.` };
    }
  }
  return {
    parts,
    async stopParts() {
      parts.upstream?.stop?.();
      await processes.stopAll();
    },
  };
}

async function postgres({ processes, folder }) {
  const { url } = await startPostgres({ processes, folder });
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`
    CREATE TABLE orders (id int PRIMARY KEY, customer text, seen int NOT NULL DEFAULT 0);
    CREATE TABLE lines (order_id int, product int, quantity int);
    INSERT INTO orders (id, customer) SELECT i, 'customer ' || i FROM generate_series(1, 1000) AS i;
    INSERT INTO lines SELECT i % 1000 + 1, i, 2 FROM generate_series(1, 3000) AS i;
    CREATE INDEX ON lines (order_id);
  `);
  await client.end();
  return { url };
}

/** A topic with more messages than a round reads, in two partitions. */
async function kafka({ processes, folder }) {
  const broker = await startKafka({ processes, folder });
  if (!broker) throw new Error(kafkaHint);
  const { Kafka, logLevel } = await import('kafkajs');
  const client = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({
    topics: ['bench-orders', 'bench-invoices'].map((topic) => ({ topic, numPartitions: 2 })),
    waitForLeaders: true,
  });
  await admin.disconnect();
  const producer = client.producer();
  await producer.connect();
  for (let sent = 0; sent < 20_000; sent += 1_000) {
    const messages = Array.from({ length: 1_000 }, (_, i) => ({
      key: String(sent + i),
      value: JSON.stringify({ order: sent + i, quantity: 2 }),
      headers: { traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01` },
    }));
    await producer.send({ topic: 'bench-orders', messages });
  }
  await producer.disconnect();
  return broker;
}

async function upstream() {
  const body = JSON.stringify({ product: 1, inStock: 12 });
  const server = http.createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/stock`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
