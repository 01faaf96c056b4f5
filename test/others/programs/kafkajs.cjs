// What kafkajs does: topics, batches, keys, headers of every kind, consumers, errors in a handler, offsets, admin calls.
const { createRequire } = require('node:module');
const { Kafka, logLevel, CompressionTypes } = createRequire(process.env.LIBRARY_OWNER)('kafkajs');
const topic = `differential-${process.pid}`;
const say = (...said) => console.log(...said.map((each) => String(each).replaceAll(topic, 'TOPIC')));
const shown = (headers) =>
  Object.entries(headers ?? {})
    // Throughline adds these to the ones of the service.
    .filter(([name]) => !['traceparent', 'tracestate'].includes(name))
    .map(([name, value]) => `${JSON.stringify(name)}=${[value].flat().map((one) => one?.toString('hex'))}`)
    .sort()
    .join();
(async () => {
  const kafka = new Kafka({
    clientId: 'differential',
    brokers: process.env.KAFKA_BROKERS.split(','),
    logLevel: logLevel.NOTHING,
    retry: { retries: 3, initialRetryTime: 50 },
  });
  const admin = kafka.admin();
  await admin.connect();
  say(await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] }));
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  for (const event of ['producer.connect', 'producer.disconnect']) producer.on(event, () => say(event));
  await producer.connect();
  const record = ({ errorCode, topicName, partition, baseOffset }) =>
    `${topicName} ${errorCode} ${partition} ${baseOffset}`;
  const headers = {
    plain: 'value',
    bytes: Buffer.from([0, 255, 10]),
    list: ['a', Buffer.from('b')],
    empty: '',
    traceparent: 'ff-not-a-trace',
    tracestate: ',,=,',
    baggage: `${'k='.padEnd(9_000, 'v')},a=%,b=1`,
    ['__proto__']: 'own',
    constructor: 'c',
    'line\nbreak': 'x\r\ny',
    é: '\u2028',
  };
  const messages = [
    { key: 'k', value: 'v' },
    { key: null, value: 'h', headers },
    { value: null },
    { value: Buffer.from([1, 2]), headers: {} },
    { value: 'fails' },
    { value: 'last', headers: { traceparent: ['a', 'b'], baggage: ['a=1', 'b=2'] } },
  ];
  const given = JSON.stringify(messages);
  say((await producer.send({ topic, messages })).map(record));
  // What the service passed in is still as it was.
  say(JSON.stringify(messages) === given || Object.keys(messages[0]).join());
  say(
    (
      await producer.sendBatch({
        topicMessages: [{ topic, messages: [{ value: 'zip' }] }],
        compression: CompressionTypes.GZIP,
      })
    ).map(record),
  );
  for (const wrong of [
    () => producer.send({ topic, messages: [{ key: 'no value' }] }),
    () => producer.send({ topic: '', messages: [] }),
    () => producer.send({ topic, messages: 'none' }),
    () => producer.send({ topic, messages: [null] }),
    () => producer.send({ topic, messages: [{ value: 'x', headers: { n: 7 } }] }),
    () =>
      producer.send({
        topic,
        messages: [Object.freeze({ value: 'frozen', headers: Object.freeze({ a: 'b' }) })],
      }),
    () => producer.send(),
  ]) {
    try {
      say('sent', (await wrong())?.map(record));
    } catch (error) {
      say(error.name, error.message, error.retriable);
    }
  }
  const transactional = kafka.producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true });
  await transactional.connect();
  const transaction = await transactional.transaction();
  say(
    (await transaction.send({ topic, messages: [{ value: 'in transaction' }] })).map(record),
    transaction.isActive(),
  );
  await transaction.abort();
  await transactional.disconnect();

  await producer.send({ topic, messages: [{ value: 'end' }] });
  const consumer = kafka.consumer({ groupId: topic, retry: { retries: 2, initialRetryTime: 20 } });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let failures = 0;
  await new Promise((resolve) => {
    const run = consumer.run({
      autoCommitThreshold: 1,
      eachMessage: async ({ partition, message, topic: from }) => {
        say(from, partition, message.offset, message.key, message.value, shown(message.headers));
        if (String(message.value) === 'fails' && failures++ === 0) throw new Error('from the handler');
        if (String(message.value) === 'end') resolve();
      },
    });
    run.catch((error) => say('run', error.message));
  });
  await consumer.stop();
  say((await admin.fetchOffsets({ groupId: topic, topics: [topic] })).length, failures);
  await consumer.disconnect();

  const batches = kafka.consumer({ groupId: `${topic}-batch` });
  await batches.connect();
  await batches.subscribe({ topic, fromBeginning: true });
  let total = 0;
  await new Promise((resolve) => {
    batches.run({
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset, heartbeat, isRunning, isStale }) => {
        say(batch.partition, isRunning(), isStale(), typeof batch.highWatermark);
        for (const message of batch.messages) {
          resolveOffset(message.offset);
          total++;
        }
        await heartbeat();
        if (total >= 8) resolve();
      },
    });
  });
  await batches.disconnect();
  say('in all', total);
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();
  await producer.disconnect();
  await producer.send({ topic, messages: [{ value: 'x' }] }).catch((error) => say(error.name, error.message));
})();
