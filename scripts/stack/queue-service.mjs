/*
 * Two services on queues. `orders-queues` answers HTTP without a framework, adds a job of BullMQ and sends a message of
 * RabbitMQ. `mailer` processes both; every tenth job fails.
 *
 *   REDIS_URL=… RABBITMQ_URL=… node queue-service.mjs <orders-queues | mailer>
 */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '../../testbed/src/paths.mjs';
import { salesService } from './sales-service.mjs';

const [serviceName] = process.argv.slice(2);
const { REDIS_URL: url, RABBITMQ_URL } = process.env;
const requireOf = (name) => createRequire(join(root, 'packages', name, 'package.json'));
const { initObservability, logger } = requireOf('core')('@throughline/core');
const { bullmqPlugin } = requireOf('bullmq')('@throughline/bullmq');
const { rabbitmqPlugin } = requireOf('rabbitmq')('@throughline/rabbitmq');
const { Queue, Worker } = requireOf('bullmq')('bullmq');
const amqplib = requireOf('rabbitmq')('amqplib');

const observability = initObservability({
  ...salesService,
  serviceName,
  plugins: [bullmqPlugin(), rabbitmqPlugin()],
});
const broker = await amqplib.connect(RABBITMQ_URL);
const channel = await broker.createChannel();
await channel.assertQueue('bills');
const connection = { url, maxRetriesPerRequest: null };

async function sendMail({ id }) {
  logger.info('Mail sent.');
  if (id % 10 === 0) throw new RangeError('No such address.');
}

const roles = {
  async 'orders-queues'() {
    const mails = new Queue('mails', { connection });
    await mails.waitUntilReady();
    const server = createServer(async (request, response) => {
      observability.route(request, '/orders/:id');
      const id = Number(request.url.split('/').at(-1));
      await mails.add('confirm', { id }, { removeOnComplete: true, removeOnFail: true });
      channel.sendToQueue('bills', Buffer.from(String(id)));
      logger.info('Order taken.');
      response.end();
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
      port: server.address().port,
      async close() {
        server.close();
        await mails.close();
      },
    };
  },
  async mailer() {
    const worker = new Worker('mails', ({ data }) => sendMail(data), { connection });
    await worker.waitUntilReady();
    await channel.consume('bills', (message) => {
      logger.info('Bill written.');
      channel.ack(message);
    });
    // It answers no requests.
    return { port: 0, close: () => worker.close() };
  },
};
const { port, close } = await roles[serviceName]();
logger.info('Listening.', { port });
process.once('SIGTERM', async () => {
  await close();
  await broker.close();
  await observability.shutdown();
});
