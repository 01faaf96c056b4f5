/*
 * The SQS plugin with versions of the AWS SDK and of sqs-consumer that the tests do not install, on a real server. Build first:
 * npm run build.
 *
 *   npm run test:sqs-versions
 */
import { copyFileSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { elasticmqHint, startElasticmq } from '@throughline/testbed/elasticmq';
import { startIntake } from '@throughline/testbed/otlp-intake';
import { createProcesses } from '@throughline/testbed/processes';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { installPacked } from '../packed.mjs';

const clients = ['3.0.0', '3.100.0', '3.300.0', '3.600.0', '3.901.0', '3.1175.0'];
const consumers = ['6', '7', '8', '9', '10', '11', '12', '13', '14', '15'];
const newest = clients.at(-1);
const pairs = [
  ...clients.map((client) => [client, 'none']),
  // Each line of sqs-consumer asks for a later SDK than the one before.
  ...consumers.map((consumer) => [newest, consumer]),
  ['3.300.0', '6'],
  ['3.600.0', '10'],
  ['3.901.0', '13'],
];

const processes = createProcesses();
const intake = await startIntake();
let folder;
let failed = 0;
try {
  const server = await startElasticmq({ processes, folder: temporaryFolder() });
  if (!server) throw new Error(`There is no server for SQS: ${elasticmqHint}.`);
  ({ folder } = await installPacked(
    [
      '--legacy-peer-deps',
      ...clients.map((version) => `client-${version}@npm:@aws-sdk/client-sqs@${version}`),
      ...consumers.map((version) => `consumer-${version}@npm:sqs-consumer@${version}`),
    ],
    { names: ['core', 'sqs'], installer: 'npm' },
  ));
  for (const [client, consumer] of pairs) {
    const name = `sdk-${client}-consumer-${consumer}`.replaceAll('.', '-');
    const service = processes.start(name, process.execPath, ['service.cjs', consumer, name], {
      cwd: folderOf(name, client, consumer),
      env: {
        PATH: process.env.PATH,
        SQS_ENDPOINT: server.url,
        OTEL_SERVICE_NAME: name,
        OTEL_EXPORTER_OTLP_ENDPOINT: intake.url,
      },
    });
    const timer = setTimeout(() => service.stop(), 60_000);
    await service.ended;
    clearTimeout(timer);
    const missing = missingOf(name, service.lines.join('\n'));
    if (missing.length > 0) failed++;
    console.log(
      `AWS SDK ${client}, ${consumer === 'none' ? 'runWithMessage' : `sqs-consumer ${consumer}`}: ${missing.join(', ') || 'ok'}`,
    );
    if (missing.length > 0) console.log(service.lines.join('\n').slice(0, 1_000));
  }
} finally {
  await intake.stop();
  await processes.stopAll();
  if (folder) rmSync(folder, { recursive: true, force: true });
}
console.log(`${pairs.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** A folder in which both packages have their own names. */
function folderOf(name, client, consumer) {
  const own = join(folder, 'pairs', name);
  const installed = (alias) => join(folder, 'node_modules', alias);
  cpSync(installed(`client-${client}`), join(own, 'node_modules/@aws-sdk/client-sqs'), { recursive: true });
  if (consumer !== 'none')
    cpSync(installed(`consumer-${consumer}`), join(own, 'node_modules/sqs-consumer'), { recursive: true });
  copyFileSync(new URL('service.cjs', import.meta.url), join(own, 'service.cjs'));
  return own;
}

/** The promises that are not kept. */
function missingOf(name, output) {
  const spans = intake.spansOf(name);
  const send = spans.find((span) => span.name === `send ${name}`);
  const request = spans.find((span) => span.name === 'request');
  const processed = spans.filter((span) => span.name === `process ${name}`);
  const promises = {
    'a span for the send': send !== undefined && send.parentSpanId === request?.spanId,
    'a span for each processing': processed.length === 2,
    'one trace': processed.every(({ parentSpanId }) => parentSpanId === send?.spanId),
    'the error of the handler': processed.some(({ attributes }) => attributes['error.type'] === 'RangeError'),
    'the metric': /messaging_process_duration_seconds_count\{[^}]*error_type=\\"RangeError\\"[^}]*\} 1/.test(
      output,
    ),
    'the age': /messaging_message_age_seconds_count\{[^}]*\} 2/.test(output),
    'the span of the SDK': spans.some(
      // The SDK 3.0 wrote the name of the service in small letters.
      (span) =>
        span.parentSpanId === send?.spanId && /^sqs\/SendMessage$/i.test(span.attributes['rpc.method']),
    ),
    'no warning': !/"level":"(warn|error)"/.test(output),
  };
  return Object.keys(promises).filter((promise) => !promises[promise]);
}
