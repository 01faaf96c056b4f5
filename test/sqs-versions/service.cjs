/*
 * Sends a message and processes it, with the given packages: node service.cjs <client of SQS> <sqs-consumer | none> <queue>
 * The consumer runs before init. The first handler fails; the message then comes again.
 */
const [clientName, consumerName, queue] = process.argv.slice(2);
const sqs = require(clientName);
const client = new sqs.SQSClient({
  region: 'eu-central-1',
  endpoint: process.env.SQS_ENDPOINT,
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
});
const QueueUrl = `${process.env.SQS_ENDPOINT}/000000000000/${queue}`;
const { initObservability, withSpan } = require('@throughline/core');
const { runWithMessage, sqsPlugin } = require('@throughline/sqs');

let handled = 0;
let last = () => {};
async function handle(message) {
  handled++;
  if (handled === 1) throw new RangeError('not yet');
  last();
  return message;
}

async function main() {
  await client.send(new sqs.CreateQueueCommand({ QueueName: queue, Attributes: { VisibilityTimeout: '1' } }));
  const done = new Promise((resolve) => {
    last = resolve;
  });
  const stop = consumerName === 'none' ? consumeWithClient() : consumeWithConsumer();
  initObservability({ plugins: [sqsPlugin()], metrics: { endpoint: false } });
  await withSpan('request', () =>
    client.send(
      new sqs.SendMessageCommand({
        QueueUrl,
        MessageBody: 'order',
        MessageAttributes: { tenant: { DataType: 'String', StringValue: 'acme' } },
      }),
    ),
  );
  await done;
  await stop();
  const { getObservability } = require('@throughline/core');
  console.log(JSON.stringify({ metrics: (await getObservability().metrics.render()).body }));
  await getObservability().shutdown();
  process.exit(0);
}

function consumeWithConsumer() {
  const { Consumer } = require(consumerName);
  const consumer = Consumer.create({
    queueUrl: QueueUrl,
    sqs: client,
    waitTimeSeconds: 1,
    visibilityTimeout: 1,
    handleMessage: handle,
  });
  consumer.on('error', () => {});
  consumer.on('processing_error', () => {});
  const deleted = new Promise((resolve) => consumer.on('message_processed', () => resolve()));
  consumer.start();
  return async () => {
    await deleted;
    consumer.stop();
  };
}

function consumeWithClient() {
  let isStopped = false;
  const loop = async () => {
    while (!isStopped) {
      const { Messages = [] } = await client.send(
        new sqs.ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1, VisibilityTimeout: 1 }),
      );
      for (const message of Messages) {
        await runWithMessage(message, () => handle(message)).then(
          ({ ReceiptHandle }) => client.send(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle })),
          () => {},
        );
      }
    }
  };
  const looping = loop();
  return async () => {
    isStopped = true;
    await looping;
  };
}

main().catch((error) => {
  console.log(error);
  process.exit(1);
});
