/* Starts RabbitMQ, MariaDB and the two services, sends two requests through them, and prints what was recorded. */
import { mariadbHint, startMariadb } from '@throughline/testbed/mariadb';
import { startIntake } from '@throughline/testbed/otlp-intake';
import { createProcesses } from '@throughline/testbed/processes';
import { rabbitmqHint, startRabbitmq } from '@throughline/testbed/rabbitmq';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { startServices } from './services.mjs';

const processes = createProcesses();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
const where = { processes, folder: temporaryFolder() };
console.log('Starting RabbitMQ and MariaDB. This takes a few seconds.');
const [rabbitmq, mariadb, intake] = await Promise.all([
  startRabbitmq(where),
  startMariadb(where),
  startIntake(),
]);
if (rabbitmq && mariadb) await show();
else {
  if (!rabbitmq) console.log(`RabbitMQ was not found: ${rabbitmqHint}.`);
  if (!mariadb) console.log(`MariaDB was not found: ${mariadbHint}.`);
  process.exitCode = 1;
}
await processes.stopAll();
await intake.stop();

async function show() {
  const services = await startServices({
    processes,
    env: { RABBITMQ_URL: rabbitmq.url, MYSQL_URL: mariadb.url, OTEL_EXPORTER_OTLP_ENDPOINT: intake.url },
  });
  for (const [title, item, end] of [
    ['A request', 'bolt', (line) => line.message === 'request recorded'],
    // The column holds 40 characters. The message is tried twice, then goes to the queue for failed messages.
    [
      'A request that cannot be recorded',
      'x'.repeat(50),
      (line) => line.level === 'error' && line.redelivered,
    ],
  ]) {
    const response = await services.request(item);
    console.log(`\n${title}: ${response.status}`, await response.text());
    while (!services.recorder.lines().some(end)) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await services.stop();

  const spans = ['requester', 'recorder'].flatMap((service) =>
    intake.spansOf(service).map((span) => ({ ...span, service })),
  );
  const lines = [...services.requester.lines(), ...services.recorder.lines()];
  for (const root of spans.filter(({ name }) => name === 'POST /requests')) {
    console.log(`\nTrace ${root.traceId}`);
    console.log(draw(root, spans, 1).join('\n'));
    for (const line of lines.filter(({ trace_id }) => trace_id === root.traceId)) {
      const error = line['error.message'] ? `: ${line['error.message']}` : '';
      console.log(`  log of ${line.service_name}: ${line.message}${error}`);
    }
  }
}

function draw(span, spans, depth) {
  const millis = Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6;
  const error = span.status.code === 2 ? `  error: ${span.status.message}` : '';
  return [
    `${'  '.repeat(depth)}${span.service}  ${span.name}`.padEnd(40) +
      `${millis.toFixed(1).padStart(8)} ms${error}`,
    ...spans
      .filter(({ parentSpanId }) => parentSpanId === span.spanId)
      .flatMap((child) => draw(child, spans, depth + 1)),
  ];
}
