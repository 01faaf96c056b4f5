/*
 * Sends or consumes messages with kafkajs, and reports over IPC how much CPU and time they took. Run by kafka.mjs.
 * With EXPORT=none spans are made and go nowhere: what is left is the cost of making them. With EXPORT=own they go to an
 * exporter of the service that drops them.
 *
 *   none         nothing observes
 *   header       nothing observes, and every message that is sent has a header as long as a traceparent: what the header costs
 *   throughline  kafkaPlugin with its spans, metrics and exemplars; throughline@FOLDER: another build, its packages in FOLDER
 *   stock        the OpenTelemetry SDK with the stock instrumentation, spans only
 */
const { randomBytes } = require('node:crypto');

const [variant, folder] = process.argv[2].split('@');
const isExporting = process.env.EXPORT === undefined;
const count = Number(process.env.BENCH_MESSAGES);
const topic = 'bench';

const noExport = { export: (_spans, done) => done({ code: 0 }), shutdown: async () => {} };
let withParent = (run) => run();
let forEachMessage = async ({ batch }, handle) => {
  for (const message of batch.messages) await handle(message);
};
if (variant === 'throughline') {
  const { initObservability, withSpan } = folder ? require(`${folder}/core`) : require('@throughline/core');
  const kafka = folder ? require(`${folder}/kafka`) : require('@throughline/kafka');
  initObservability({
    serviceName: 'bench',
    // Spans of the service's own exporter are made by the OpenTelemetry SDK, all others by Throughline's recorder.
    traces: { exporter: { none: 'none', own: noExport }[process.env.EXPORT] ?? 'otlp' },
    metrics: { endpoint: false, runtime: false },
    logs: { level: 'error' },
    plugins: [kafka.kafkaPlugin()],
  });
  withParent = (run) => withSpan('parent', run);
  forEachMessage = ({ batch }, handle) => kafka.forEachMessage(batch, handle);
} else if (variant === 'stock') {
  const { trace } = require('@opentelemetry/api');
  const { NodeTracerProvider, BatchSpanProcessor } = require('@opentelemetry/sdk-trace-node');
  const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  const { KafkaJsInstrumentation } = require('@opentelemetry/instrumentation-kafkajs');
  const exporter = isExporting ? new OTLPTraceExporter() : noExport;
  new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] }).register();
  registerInstrumentations({ instrumentations: [new KafkaJsInstrumentation()] });
  const tracer = trace.getTracer('bench');
  withParent = (run) =>
    tracer.startActiveSpan('parent', async (span) => {
      await run();
      span.end();
    });
}

const { Kafka, logLevel } = require('kafkajs');
const kafka = new Kafka({
  brokers: process.env.KAFKA_BROKERS.split(','),
  logLevel: logLevel.NOTHING,
});
const producer = kafka.producer();

const isWithHeader = variant === 'header';
const traceparent = () => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
const message = () => ({
  key: randomBytes(4).toString('hex'),
  value: '{"productId":1234,"source":"bench"}',
  ...(isWithHeader && { headers: { traceparent: traceparent() } }),
});

/** Of all that happens from the first message handled to the last, fetching and decoding included. */
async function consume(handlersOf) {
  const consumer = kafka.consumer({
    groupId: randomBytes(8).toString('hex'),
    maxBytesPerPartition: 64 * 1024,
  });
  let seen = 0;
  let stop;
  const done = new Promise((resolve) => {
    let finish;
    const one = async () => {
      seen++;
      if (seen === 1) finish = measure(count);
      else if (seen === count) resolve(finish());
    };
    stop = consumer
      .connect()
      .then(() => consumer.subscribe({ topic, fromBeginning: true }))
      .then(() => consumer.run(handlersOf(one)));
  });
  await stop;
  const result = await done;
  await consumer.disconnect();
  return result;
}

function measure(messages) {
  const cpu = process.cpuUsage();
  const startMillis = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    const seconds = (performance.now() - startMillis) / 1000;
    return {
      cpuMicros: (user + system) / messages,
      systemMicros: system / messages,
      perSecond: messages / seconds,
    };
  };
}

const operations = {
  eachMessage: () => consume((one) => ({ eachMessage: one })),
  eachBatch: () =>
    consume((one) => ({
      eachBatch: async ({ batch }) => {
        for (const message of batch.messages) await one(message);
      },
    })),
  forEachMessage: () => consume((one) => ({ eachBatch: (payload) => forEachMessage(payload, one) })),
  send: async () => {
    const messages = count / 10;
    const finish = measure(messages);
    const callers = 20;
    const calling = async () => {
      for (let i = 0; i < messages / callers; i++) {
        await producer.send({ topic: 'sent', messages: [message()] });
      }
    };
    await withParent(() => Promise.all(Array.from({ length: callers }, calling)));
    return finish();
  },
  sendMany: async () => {
    const finish = measure(count);
    await withParent(async () => {
      for (let i = 0; i < count / 100; i++) {
        await producer.send({ topic: 'sent', messages: Array.from({ length: 100 }, message) });
      }
    });
    return finish();
  },
};

/** The first client makes what all of them read: messages of an observed producer. */
async function prepare() {
  await producer.connect();
  if (variant !== 'none') return;
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    topics: [topic, 'sent'].map((name) => ({ topic: name, numPartitions: 1 })),
    waitForLeaders: true,
  });
  await admin.disconnect();
  for (let sent = 0; sent < count + 1_000; sent += 1_000) {
    const messages = Array.from({ length: 1_000 }, () => ({
      ...message(),
      headers: { traceparent: traceparent() },
    }));
    await producer.send({ topic, messages });
  }
}

prepare().then(() => process.send('ready'));
process.on('message', async (operation) => {
  const result = await operations[operation]();
  // So that what was collected here is not cleared away in the time of the next.
  globalThis.gc?.();
  process.send(result);
});
