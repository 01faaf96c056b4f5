/*
 * Sends and processes messages of RabbitMQ or jobs of BullMQ, and reports over IPC how much CPU they took. Run by
 * queues.mjs. With EXPORT=none spans are made and go nowhere: what is left is the cost of making them.
 */
// Connections and servers would keep it alive when the benchmark has ended, or was stopped.
process.on('disconnect', () => process.exit());

const [system, variant] = process.argv.slice(2);

let withParent = (run) => run();
if (variant === 'throughline') {
  const { initObservability, withSpan } = require('@throughline/core');
  const plugins = {
    rabbitmq: () => require('@throughline/rabbitmq').rabbitmqPlugin(),
    bullmq: () => require('@throughline/bullmq').bullmqPlugin(),
  };
  initObservability({
    serviceName: 'bench',
    traces: { exporter: process.env.EXPORT === 'none' ? 'none' : 'otlp' },
    metrics: { endpoint: false, runtime: false },
    logs: { level: 'error' },
    plugins: [plugins[system]()],
  });
  withParent = (run) => withSpan('parent', run);
}
const queueName = `bench-${variant}`;
const body = { productId: 1234, source: 'bench' };

async function measure(count, run) {
  const before = process.cpuUsage();
  await run();
  const { user, system: inKernel } = process.cpuUsage(before);
  return { cpuMicros: (user + inKernel) / count };
}

/** So many times, by twenty callers. */
function byCallers(count, call) {
  const calling = async () => {
    for (let i = 0; i < count / 20; i++) await call();
  };
  return Promise.all(Array.from({ length: 20 }, calling));
}

/** Resolves with the last of so many. */
function countdown() {
  let left = 0;
  let done;
  return {
    of: (count) =>
      new Promise((resolve) => {
        left = count;
        done = resolve;
      }),
    one() {
      if (--left === 0) done();
    },
  };
}

const systems = {
  async rabbitmq() {
    const count = 10_000;
    const connection = await require('amqplib').connect(process.env.RABBITMQ_URL);
    const sending = await connection.createConfirmChannel();
    await sending.assertQueue(queueName);
    await sending.purgeQueue(queueName);
    const receiving = await connection.createChannel();
    await receiving.prefetch(200);
    const processed = countdown();
    const handle = (message) => {
      receiving.ack(message);
      processed.one();
    };
    return {
      send: () =>
        measure(count, () =>
          withParent(async () => {
            for (let i = 0; i < count; i++) {
              sending.sendToQueue(queueName, Buffer.from(JSON.stringify(body)));
              if (i % 500 === 499) await sending.waitForConfirms();
            }
          }),
        ),
      process: () =>
        measure(count, async () => {
          const all = processed.of(count);
          const { consumerTag } = await receiving.consume(queueName, handle);
          await all;
          await receiving.cancel(consumerTag);
        }),
    };
  },
  async bullmq() {
    const count = 2_000;
    const { Queue, Worker } = require('bullmq');
    const connection = { url: process.env.REDIS_URL, maxRetriesPerRequest: null };
    const queue = new Queue(queueName, { connection, defaultJobOptions: { removeOnComplete: true } });
    await queue.waitUntilReady();
    const processed = countdown();
    const worker = new Worker(queueName, async () => {}, { connection, concurrency: 20, autorun: false });
    worker.on('completed', processed.one);
    await worker.waitUntilReady();
    await worker.pause();
    worker.run();
    return {
      send: () => measure(count, () => withParent(() => byCallers(count, () => queue.add('read', body)))),
      process: () =>
        measure(count, async () => {
          const all = processed.of(count);
          worker.resume();
          await all;
          await worker.pause();
        }),
    };
  },
};

systems[system]().then((operations) => {
  process.send('ready');
  process.on('message', async (operation) => process.send(await operations[operation]()));
});
