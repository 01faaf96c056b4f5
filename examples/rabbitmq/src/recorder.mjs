/* Takes requests off the queue and records them in the database. */
import { MySQL2Instrumentation } from '@opentelemetry/instrumentation-mysql2';
import { counter, initObservability, logger } from '@throughline/core';
import mysql from 'mysql2/promise';
import { amqplibInstrumentation } from './amqplib-instrumentation.mjs';
import { connectToBroker, queue } from './queue.mjs';

const { RABBITMQ_URL = 'amqp://localhost', MYSQL_URL = 'mysql://root@localhost/shop' } = process.env;

// amqplib and mysql2 are loaded by now; both are observed all the same.
const observability = initObservability({
  serviceName: 'recorder',
  instrumentations: [
    amqplibInstrumentation(RABBITMQ_URL),
    // Without it the values of statements are in the spans.
    new MySQL2Instrumentation({ maskStatement: true }),
  ],
});

const handled = counter({
  name: 'requests_handled_total',
  help: 'Messages of the queue that were handled.',
  labelNames: ['result'],
});

// As many messages at once as connections: see "What the stock instrumentations leave out" in README.md.
const atOnce = 4;
const pool = mysql.createPool({ uri: MYSQL_URL, connectionLimit: atOnce });

const inProgress = new Set();
let consumerTag;
const broker = connectToBroker(
  RABBITMQ_URL,
  (connection) => connection.createChannel(),
  async (channel) => {
    await pool.query(
      'CREATE TABLE IF NOT EXISTS requests (id CHAR(36) PRIMARY KEY, item VARCHAR(40) NOT NULL)',
    );
    await channel.prefetch(atOnce);
    ({ consumerTag } = await channel.consume(queue, (message) => {
      // The queue was deleted.
      if (!message) return void channel.close().catch(() => {});
      const handling = handle(channel, message).finally(() => inProgress.delete(handling));
      inProgress.add(handling);
    }));
  },
);
observability.health.addReadinessCheck('broker', () => broker.channel() !== undefined);
observability.health.addReadinessCheck('database', () => pool.query('SELECT 1'));

/** Never rejects. A message that fails is tried once more, and then goes to the failed ones. */
async function handle(channel, message) {
  const { redelivered } = message.fields;
  let settle = () => channel.ack(message);
  let result = 'recorded';
  try {
    const { id, item } = JSON.parse(message.content);
    await record(id, item);
    logger.info('request recorded', { request: id, item, redelivered });
  } catch (error) {
    settle = () => channel.nack(message, false, !redelivered);
    result = redelivered ? 'failed' : 'retried';
    logger.error('request not recorded', { error, redelivered });
  }
  try {
    settle();
    handled.inc({ result });
  } catch (error) {
    logger.warn('the broker went away meanwhile and will deliver the message again', { error });
  }
}

/** Once, however often the message is delivered. */
function record(id, item) {
  return pool.execute('INSERT INTO requests (id, item) VALUES (?, ?) ON DUPLICATE KEY UPDATE id = id', [
    id,
    item,
  ]);
}

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, async () => {
    await broker.channel()?.cancel(consumerTag);
    await Promise.all(inProgress);
    await broker.close();
    await pool.end();
    await observability.shutdown();
  });
}
