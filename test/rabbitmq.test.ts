import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mariadbHint, startMariadb } from '@throughline/testbed/mariadb';
import { type ReceivedSpan, startIntake } from '@throughline/testbed/otlp-intake';
import { createProcesses } from '@throughline/testbed/processes';
import { rabbitmqHint, startRabbitmq } from '@throughline/testbed/rabbitmq';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { transformSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startServices } from '../examples/rabbitmq/src/services.mjs';
import { parseExposition } from '../packages/cli/src/metrics/parse-exposition.js';
import { runIn } from './packed.mjs';

/*
 * examples/rabbitmq in processes of its own, with a real broker and a real database: as the ES modules that it is,
 * and translated into CommonJS file by file, as TypeScript would.
 */
const example = fileURLToPath(new URL('../examples/rabbitmq', import.meta.url));
const command = fileURLToPath(new URL('../packages/cli/bin/throughline.js', import.meta.url));
const processes = createProcesses();
const folder = temporaryFolder();
const where = { processes, folder };
const [rabbitmq, mariadb] = await Promise.all([startRabbitmq(where), startMariadb(where)]);
for (const [name, part, hint] of [
  ['RabbitMQ', rabbitmq, rabbitmqHint],
  ['MariaDB', mariadb, mariadbHint],
] as const) {
  if (part) continue;
  if (process.env.CI) test(`${name} is there`, () => expect(part, hint).toBeDefined());
  else console.log(`${name} is off: ${hint}.`);
}

beforeAll(() => {
  cpSync(join(example, 'src'), join(folder, 'mjs'), { recursive: true });
  cpSync(join(example, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(example, 'node_modules'), join(folder, 'node_modules'));
  mkdirSync(join(folder, 'cjs'));
  for (const file of ['queue', 'requester', 'recorder']) {
    const source = readFileSync(join(folder, 'mjs', `${file}.mjs`), 'utf8').replace(
      /(from '\.\/.*)\.mjs'/g,
      "$1.cjs'",
    );
    const { code } = transformSync(source, { format: 'cjs', logLevel: 'error' });
    writeFileSync(join(folder, 'cjs', `${file}.cjs`), code);
  }
});
afterAll(() => processes.stopAll());

describe.skipIf(!rabbitmq || !mariadb).each(['mjs', 'cjs'] as const)('as .%s', (extension) => {
  let intake: Awaited<ReturnType<typeof startIntake>>;
  let services: Awaited<ReturnType<typeof startServices>>;
  beforeAll(async () => {
    intake = await startIntake();
    services = await startServices({
      processes,
      folder: join(folder, extension),
      extension,
      env: {
        RABBITMQ_URL: rabbitmq?.url ?? '',
        MYSQL_URL: mariadb?.url ?? '',
        OTEL_EXPORTER_OTLP_ENDPOINT: intake.url,
        OTEL_RESOURCE_ATTRIBUTES: 'team=parts',
      },
    });
  }, 60_000);
  afterAll(async () => {
    const ends = await services?.stop();
    await intake?.stop();
    expect(ends?.map(({ code }) => code)).toEqual([0, 0]);
  });

  const spans = () => [...intake.spansOf('requester'), ...intake.spansOf('recorder')];
  const childrenOf = (parent: ReceivedSpan | undefined, count: number) =>
    vi.waitUntil(() => {
      const children = spans().filter(({ parentSpanId }) => parentSpanId && parentSpanId === parent?.spanId);
      return children.length >= count && children;
    }, 10_000);
  const onlyChildOf = async (parent: ReceivedSpan | undefined) => {
    const children = await childrenOf(parent, 1);
    expect(children).toHaveLength(1);
    return children[0];
  };
  /** Asks for an item, and gives the trace of that so far. */
  async function request(item: string, status = 202) {
    const failures = () => services.requester.lines().filter(({ message }) => message === 'request failed');
    const failuresBefore = failures().length;
    const response = await services.request(item);
    expect(response.status).toBe(status);
    const { id } = (await response.json()) as { id?: string };
    // The answer may be here before the line is.
    const line = await vi.waitUntil(
      () =>
        status === 202
          ? services.requester.lines().find(({ request }) => request === id)
          : failures()[failuresBefore],
      10_000,
    );
    const root = await vi.waitUntil(() => spans().find(({ spanId }) => spanId === line.span_id), 10_000);
    const lines = () => services.recorder.lines().filter(({ trace_id }) => trace_id === root.traceId);
    return { id, root, lines };
  }
  const database = () =>
    createRequire(join(folder, 'package.json'))('mysql2/promise').createConnection({ uri: mariadb?.url });
  const broker = () => createRequire(join(folder, 'package.json'))('amqplib').connect(rabbitmq?.url);

  test('request, queue, recorder and database are one trace, and the lines carry it', async () => {
    const { id, root, lines } = await request('bolt');
    const published = await onlyChildOf(root);
    const processed = await onlyChildOf(published);
    const inserted = await onlyChildOf(processed);

    expect([root, published, processed, inserted].map((span) => [span?.name, span?.kind])).toEqual([
      ['POST /requests', 2],
      ['send requests', 4],
      ['process requests', 5],
      ['INSERT', 3],
    ]);
    expect(new Set([root, published, processed, inserted].map((span) => span?.traceId)).size).toBe(1);
    for (const span of [published, processed, inserted]) expect(span?.status.code).toBe(0);
    expect([published, processed, inserted].map((span) => span?.scope)).toEqual([
      '@throughline/rabbitmq',
      '@throughline/rabbitmq',
      '@opentelemetry/instrumentation-mysql2',
    ]);
    const { hostname, port } = new URL(rabbitmq?.url ?? '');
    for (const span of [published, processed]) {
      expect(span?.attributes).toMatchObject({
        'messaging.system': 'rabbitmq',
        'messaging.destination.name': 'requests',
        'server.address': hostname,
        'server.port': Number(port),
      });
    }
    expect(inserted?.attributes['db.query.text']).toMatch(
      /^INSERT INTO requests \(id, item\) VALUES \(\?, \?\)/,
    );

    // Probes ask the database too.
    expect(await isReady('recorder')).toBe(true);
    expect(spans().filter(({ name }) => name === 'SELECT')).toEqual([]);
    await vi.waitUntil(() => lines().length > 0, 10_000);
    expect(lines()).toMatchObject([
      { message: 'request recorded', request: id, span_id: processed?.spanId, service_name: 'recorder' },
    ]);
    const connection = await database();
    const [rows] = await connection.query('SELECT item FROM requests WHERE id = ?', [id]);
    await connection.end();
    expect(rows).toEqual([{ item: 'bolt' }]);
  });

  test('many at once: each statement is in the trace of its own request', async () => {
    const roots = await Promise.all(Array.from({ length: 20 }, () => services.request('nut')));
    expect(new Set(roots.map(({ status }) => status))).toEqual(new Set([202]));
    const ids = await Promise.all(
      roots.map(async (response) => ((await response.json()) as { id: string }).id),
    );
    await vi.waitUntil(
      () => ids.every((id) => services.recorder.lines().some((line) => line.request === id)),
      10_000,
    );
    for (const id of ids) {
      const line = services.recorder.lines().find((one) => one.request === id);
      const [inserted] = await childrenOf({ spanId: line?.span_id } as ReceivedSpan, 1);
      expect(inserted).toMatchObject({ name: 'INSERT', traceId: line?.trace_id });
    }
  });

  test('a message that fails shows its error, is delivered again, and keeps its trace among the failed', async () => {
    const { id, root, lines } = await request('x'.repeat(50));
    const published = await onlyChildOf(root);
    const attempts = await childrenOf(published, 2);
    expect(attempts).toHaveLength(2);
    expect(attempts.map(({ name, status, attributes }) => [name, status, attributes['error.type']])).toEqual([
      [
        'process requests',
        { code: 2, message: 'the message was nacked, and goes back to the queue' },
        'nack',
      ],
      ['process requests', { code: 2, message: 'the message was nacked without requeue' }, 'nack'],
    ]);
    for (const attempt of attempts) {
      expect((await onlyChildOf(attempt))?.status).toEqual({
        code: 2,
        message: "Data too long for column 'item' at row 1",
      });
    }
    await vi.waitUntil(() => lines().length > 1, 10_000);
    expect(lines()).toMatchObject(
      [false, true].map((redelivered, n) => ({
        level: 'error',
        redelivered,
        'error.code': 'ER_DATA_TOO_LONG',
        span_id: attempts[n]?.spanId,
      })),
    );
    const connection = await broker();
    const channel = await connection.createChannel();
    const failed = await vi.waitUntil(async () => {
      const message = await channel.get('requests-failed', { noAck: true });
      // A broker that crashed may have one of before again.
      return message?.properties?.messageId === id && message;
    }, 10_000);
    await connection.close();
    expect(failed.properties.headers.traceparent).toBe(`00-${published?.traceId}-${published?.spanId}-03`);
  });

  // Once is enough of that.
  if (extension === 'mjs') {
    test.skipIf(!rabbitmq?.restart)(
      'the broker crashes and comes back: the services live on, the message comes again, no span is lost',
      async () => {
        const connection = await database();
        await connection.query('LOCK TABLES requests WRITE');
        const { id, root, lines } = await request('washer');
        const published = await onlyChildOf(root);
        // The statement waits for the lock, and the message with it.
        await vi.waitUntil(async () => {
          const [waiting] = await connection.query(
            "SELECT 1 FROM information_schema.processlist WHERE state LIKE 'Waiting for table%'",
          );
          return waiting.length > 0;
        }, 10_000);
        const restarted = rabbitmq?.restart?.({ crash: true });
        await vi.waitUntil(
          () => services.requester.lines().some((line) => line.message === 'disconnected from the broker'),
          10_000,
        );
        const refused = await request('late', 503);
        expect(refused.root).toMatchObject({ name: 'POST /requests', status: { code: 2 } });
        expect(await isReady('recorder')).toBe(false);
        await restarted;
        await connection.query('UNLOCK TABLES');

        const attempts = await childrenOf(published, 2);
        expect(attempts.map(({ status }) => status)).toEqual([
          { code: 2, message: 'the channel closed before the message was acknowledged' },
          { code: 0 },
        ]);
        await vi.waitUntil(() => lines().some((line) => line.redelivered), 10_000);
        const [rows] = await connection.query('SELECT item FROM requests WHERE id = ?', [id]);
        await connection.end();
        expect(rows).toEqual([{ item: 'washer' }]);
        await vi.waitUntil(() => isReady('requester'), 10_000);
        const again = await request('screw');
        await onlyChildOf(await onlyChildOf(await onlyChildOf(again.root)));
        expect([services.requester.isRunning(), services.recorder.isRunning()]).toEqual([true, true]);
        for (const name of ['requester', 'recorder'] as const) {
          const counted = async () =>
            Object.fromEntries(
              (await metricOf(name, 'throughline_spans_total')).map(({ labels, value }) => [
                labels.result,
                value,
              ]),
            );
          const expected = () => ({ exported: intake.spansOf(name).length, dropped: 0, failed: 0 });
          await expect
            .poll(async () => JSON.stringify(await counted()) === JSON.stringify(expected()), {
              message: name,
            })
            .toBe(true);
        }
      },
    );
  }

  async function isReady(service: 'requester' | 'recorder') {
    return (await fetch(services[service].metricsUrl.replace('/metrics', '/readyz'))).ok;
  }

  async function metricOf(service: 'requester' | 'recorder', name: string) {
    const response = await fetch(services[service].metricsUrl, {
      headers: { accept: 'application/openmetrics-text' },
    });
    const metric = parseExposition(await response.text()).find((one) => one.name === name);
    return metric?.samples ?? [];
  }

  test('/metrics has the identity everywhere, the route with exemplars, the own counter, and meets a contract', async () => {
    writeFileSync(
      join(folder, 'contract.mjs'),
      "export default { mode: 'error', identity: { team: { required: true, values: ['parts'] } }, labels: { allowed: [] }, metrics: { naming: true } };",
    );
    for (const service of ['requester', 'recorder'] as const) {
      const { metricsUrl } = services[service];
      const args = [command, 'check', '--contract', './contract.mjs', '--metrics', metricsUrl];
      expect(await runIn(folder, process.execPath, args)).toContain('meet the contract');
      const text = await (await fetch(metricsUrl)).text();
      for (const { labels } of parseExposition(text).flatMap(({ samples }) => samples)) {
        expect(labels).toMatchObject({ service_name: service, team: 'parts' });
      }
      for (const name of ['process_cpu_seconds_total', 'nodejs_eventloop_lag_seconds', 'target_info']) {
        expect(text).toContain(`\n${name}{`);
      }
    }
    const durations = await metricOf('requester', 'http_server_request_duration_seconds');
    expect(durations.map(({ labels }) => labels)).toContainEqual(
      expect.objectContaining({ http_route: '/requests', http_response_status_code: '202' }),
    );
    const text = await (
      await fetch(services.requester.metricsUrl, { headers: { accept: 'application/openmetrics-text' } })
    ).text();
    const exemplar = /^http_server_request_duration_seconds_bucket\{.*trace_id="(\w+)"/m.exec(text)?.[1];
    expect(spans().map(({ traceId }) => traceId)).toContain(exemplar);
    const sent = await metricOf('requester', 'messaging_client_sent_messages_total');
    const failures = (await metricOf('recorder', 'messaging_process_duration_seconds')).filter(
      ({ labels }) => labels.error_type === 'nack',
    );
    expect([sent.length > 0, failures.length > 0]).toEqual([true, true]);
    for (const { labels } of [...sent, ...failures]) {
      expect(labels).toMatchObject({
        messaging_system: 'rabbitmq',
        messaging_destination_name: 'requests',
      });
    }
    const handled = await metricOf('recorder', 'requests_handled_total');
    const results = Object.fromEntries(handled.map(({ labels, value }) => [labels.result, value]));
    expect(results).toMatchObject({ retried: 1, failed: 1 });
    expect(results.recorded).toBeGreaterThanOrEqual(21);
  });
});
