/*
 * Sends a message and processes it, with sqs-consumer or without: node service.cjs <its version | none> <queue>
 * The client is made before init. The first handler fails; the message then comes again.
 */
const [consumer, queue] = process.argv.slice(2);
const sqs = require('@aws-sdk/client-sqs');
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
  // A call that waits for messages while init happens would return them without their context.
  initObservability({ plugins: [sqsPlugin()], metrics: { endpoint: false } });
  const stop = consumer === 'none' ? consumeWithClient() : consumeWithConsumer();
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
  const { Consumer } = require('sqs-consumer');
  const running = Consumer.create({
    queueUrl: QueueUrl,
    sqs: client,
    waitTimeSeconds: 1,
    visibilityTimeout: 1,
    handleMessage: handle,
  });
  running.on('error', () => {});
  running.on('processing_error', () => {});
  const deleted = new Promise((resolve) => running.on('message_processed', () => resolve()));
  running.start();
  return async () => {
    await deleted;
    running.stop();
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
