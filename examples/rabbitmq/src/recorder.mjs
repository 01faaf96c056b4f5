/* Takes requests from the queue and writes them to the database. */
import { MySQL2Instrumentation } from '@opentelemetry/instrumentation-mysql2';
import { counter, initObservability, logger } from '@throughline/core';
import { rabbitmqPlugin } from '@throughline/rabbitmq';
import mysql from 'mysql2/promise';
import { connectToBroker, queue } from './queue.mjs';

const { RABBITMQ_URL = 'amqp://localhost', MYSQL_URL = 'mysql://root@localhost/shop' } = process.env;

// amqplib and mysql2 are already loaded here; both are observed anyway.
const observability = initObservability({
  serviceName: 'recorder',
  plugins: [rabbitmqPlugin()],
  // dbPlugin() records more. A library without a plugin is observed like this.
  // Without `maskStatement`, spans contain the values of SQL statements.
  instrumentations: [new MySQL2Instrumentation({ maskStatement: true })],
});

const handled = counter({
  name: 'requests_handled_total',
  help: 'Messages handled from the queue.',
  labelNames: ['result'],
});

// Only as many messages at once as pool connections: see "What to look at" in README.md.
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
      // null means that the queue was deleted.
      if (!message) return void channel.close().catch(() => {});
      const handling = handle(channel, message).finally(() => inProgress.delete(handling));
      inProgress.add(handling);
    }));
  },
);
observability.health.addReadinessCheck('broker', () => broker.channel() !== undefined);
observability.health.addReadinessCheck('database', () => pool.query('SELECT 1'));

/** Never rejects. A message that fails is tried once more, and then goes to the queue for failed messages. */
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
    logger.warn('connection lost, the broker will deliver the message again', { error });
  }
}

/** Writes one row, even if the message is delivered more than once. */
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
