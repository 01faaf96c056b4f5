/* Receives requests for parts over HTTP and puts them on the queue. */
import { randomUUID } from 'node:crypto';
import { initObservability, logger } from '@throughline/core';
import { expressPlugin } from '@throughline/express';
import { rabbitmqPlugin } from '@throughline/rabbitmq';
import express from 'express';
import { connectToBroker, queue } from './queue.mjs';

const { RABBITMQ_URL = 'amqp://localhost', PORT = '3000' } = process.env;

// Express and amqplib are already loaded here; both are observed anyway.
const observability = initObservability({
  serviceName: 'requester',
  plugins: [expressPlugin(), rabbitmqPlugin()],
});

const broker = connectToBroker(RABBITMQ_URL, (connection) => connection.createConfirmChannel());
observability.health.addReadinessCheck('broker', () => broker.channel() !== undefined);

const app = express();

app.post('/requests', express.json(), async (request, response) => {
  const { item } = request.body ?? {};
  if (typeof item !== 'string') throw httpError(400, 'The request body must name an item: {"item":"bolt"}');
  const id = randomUUID();
  await publish({ id, item });
  logger.info('request queued', { request: id, item });
  response.status(202).json({ id });
});

app.use((error, _request, response, _next) => {
  logger.error('request failed', { error });
  response.status(error.status ?? 500).json({ error: error.message });
});

/** Resolves when the broker has confirmed the message. */
function publish(request) {
  const channel = broker.channel();
  if (!channel) throw httpError(503, 'The broker is not connected.');
  return new Promise((resolve, reject) => {
    channel.sendToQueue(
      queue,
      Buffer.from(JSON.stringify(request)),
      { persistent: true, contentType: 'application/json', messageId: request.id },
      (error) => (error ? reject(error) : resolve()),
    );
  });
}

function httpError(status, message) {
  return Object.assign(new Error(message), { status });
}

const server = app.listen(Number(PORT), () => logger.info('listening', { port: server.address().port }));

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    server.close(async () => {
      await broker.close();
      await observability.shutdown();
    });
    server.closeIdleConnections();
  });
}
