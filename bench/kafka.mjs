/*
 * CPU time and throughput of messages through kafkajs: nothing, Throughline's kafkaPlugin (spans, metrics, exemplars,
 * message age), and the stock instrumentation (spans only), interleaved in one run against a local broker. All
 * consumers read the same messages, which carry a trace context. Build first: npm run build.
 *
 *   node bench/kafka.mjs --rounds 10 --messages 20000
 *   node bench/kafka.mjs --variants none,header,throughline,stock --only send     what a header written by hand costs
 *   EXPORT=none node bench/kafka.mjs     spans are made and go nowhere
 *   EXPORT=own node bench/kafka.mjs      an exporter of the service drops them
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { kafkaHint, startKafka } from '@throughline/testbed/kafka';
import { createProcesses } from '@throughline/testbed/processes';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    messages: { type: 'string', default: '20000' },
    variants: { type: 'string', default: 'none,throughline,stock' },
    only: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const variants = values.variants.split(',');
const operations = ['eachMessage', 'eachBatch', 'forEachMessage', 'send', 'sendMany'];
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

const intake = http.createServer((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
});
intake.listen(0, '127.0.0.1');
await once(intake, 'listening');
const processes = createProcesses();
const children = [];
try {
  const kafka = await startKafka({ processes, folder: temporaryFolder() });
  if (!kafka) throw new Error(`There is no Kafka broker: ${kafkaHint}.`);
  for (const variant of variants) {
    const child = fork(fileURLToPath(new URL('kafka-client.cjs', import.meta.url)), [variant], {
      env: {
        ...process.env,
        KAFKA_BROKERS: kafka.brokers.join(','),
        BENCH_MESSAGES: values.messages,
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${intake.address().port}`,
      },
    });
    children.push({ variant, child });
    await once(child, 'message');
  }
  const measure = async (child, operation) => {
    child.send(operation);
    return (await once(child, 'message'))[0];
  };
  console.log(
    `Node ${process.version}, ${rounds} rounds of ${values.messages} messages; CPU per message, messages per second`,
  );
  for (const operation of values.only?.split(',') ?? operations) {
    // forEachMessage is Throughline's; what it is compared with is a handler that loops.
    const results = Object.fromEntries(variants.map((variant) => [variant, []]));
    for (let round = -1; round < rounds; round++) {
      for (let i = 0; i < children.length; i++) {
        const { variant, child } = children[(i + round + children.length) % children.length];
        const result = await measure(child, operation);
        if (round >= 0) results[variant].push(result);
      }
    }
    for (const variant of variants) {
      const micros = results[variant].map((result) => result.cpuMicros);
      const added = median(micros.map((value, round) => value - results.none[round].cpuMicros));
      const perSecond = median(results[variant].map((result) => result.perSecond));
      const system = median(results[variant].map((result) => result.systemMicros));
      console.log(
        `${operation.padEnd(15)} ${variant.padEnd(12)} ${median(micros).toFixed(1).padStart(6)} µs (system ${system.toFixed(1).padStart(5)})  ${`+${added.toFixed(1)}`.padStart(6)} µs  ${String(Math.round(perSecond)).padStart(8)}/s`,
      );
    }
  }
} finally {
  for (const { child } of children) child.kill();
  intake.close();
  intake.closeAllConnections();
  await processes.stopAll();
}
