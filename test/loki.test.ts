import { createRequire } from 'node:module';
import { correlate, initObservability, logger, type Observability, withSpan } from '@throughline/core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { lokiHint, startLoki } from '../scripts/parts/loki.mjs';
import { createProcesses } from '../scripts/parts/processes.mjs';
import { temporaryFolder } from '../scripts/parts/temporary-folder.mjs';

const winston = createRequire(new URL('../packages/core/package.json', import.meta.url))(
  'winston',
) as typeof import('../packages/core/node_modules/winston');

/*
 * Loki's own OTLP intake: labels, structured metadata, and the lines of one trace.
 */
const processes = createProcesses();
const loki = await startLoki({ processes, folder: temporaryFolder() });
if (!loki && process.env.CI) throw new Error(`There is no Loki: ${lokiHint}.`);
if (!loki) console.log(`The tests with Loki are off: ${lokiHint}.`);

interface Stream {
  readonly stream: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [string, string])[];
}

async function ask<T>(path: string, parameters: Record<string, string>): Promise<T> {
  const response = await fetch(`${loki?.url}${path}?${new URLSearchParams(parameters)}`);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return (JSON.parse(text) as { data: T }).data;
}

const since = () => ({
  start: String((Date.now() - 3_600_000) * 1e6),
  end: String((Date.now() + 60_000) * 1e6),
});
const query = async (text: string) =>
  (await ask<{ result: Stream[] }>('/loki/api/v1/query_range', { query: text, limit: '1000', ...since() }))
    .result;
const linesOf = (streams: readonly Stream[]) =>
  streams
    .flatMap((stream) => stream.values)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, line]) => line);

describe.skipIf(!loki)('Loki', () => {
  const service = `orders-${Date.now()}`;
  let observability: Observability;
  let traces: string[];

  beforeAll(async () => {
    observability = initObservability({
      serviceName: service,
      team: 'checkout',
      environment: 'test',
      resourceAttributes: { 'k8s.pod.name': 'orders-7' },
      traces: { exporter: 'none' },
      metrics: { endpoint: false },
      logs: {
        destinations: ['otlp'],
        endpoint: `${loki?.url}/otlp/v1/logs`,
        compression: 'gzip',
        correlateWith: ['otlp'],
        level: 'debug',
      },
    });
    const own = correlate(
      winston.createLogger({ silent: false, transports: [new winston.transports.Console({ silent: true })] }),
    );
    traces = await Promise.all(
      [0, 1, 2].map((i) =>
        withSpan(`request ${i}`, async (span) => {
          logger.info(`request ${i}: one`, { order: i, password: 'x' });
          await null;
          logger.error(`request ${i}: two`, new TypeError('payment failed'));
          own.warn(`request ${i}: three`);
          return span.spanContext().traceId;
        }),
      ),
    );
    logger.debug('outside of any trace');
    await observability.flush();
    await vi.waitFor(
      async () =>
        expect(linesOf(await query(`{service_name="${service}"}`)).length).toBeGreaterThanOrEqual(10),
      { timeout: 30_000, interval: 250 },
    );
  });
  afterAll(async () => {
    await observability?.shutdown();
    await processes.stopAll();
  });

  test('the identity and the level are labels; the trace is not', async () => {
    const series = await ask<Record<string, string>[]>('/loki/api/v1/series', {
      'match[]': `{service_name="${service}"}`,
      ...since(),
    });
    for (const labels of series) {
      expect(labels).toMatchObject({
        service_name: service,
        team: 'checkout',
        deployment_environment_name: 'test',
        severity_text: expect.stringMatching(/^(info|warn|error|debug)$/),
      });
      expect(Object.keys(labels).sort()).toEqual([
        'deployment_environment_name',
        'service_name',
        'severity_text',
        'team',
      ]);
    }
    const [error] = await query(`{service_name="${service}", team="checkout", severity_text="error"}`);
    // Structured metadata comes back beside the labels.
    expect(error?.stream).toMatchObject({
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
      k8s_pod_name: 'orders-7',
      exception_type: 'TypeError',
    });
  });

  test('a query by trace id gives exactly the lines of that trace', async () => {
    for (const [i, trace] of traces.entries()) {
      const streams = await query(`{service_name="${service}"} | trace_id="${trace}"`);
      expect(linesOf(streams)).toHaveLength(3);
      expect(new Set(linesOf(streams))).toEqual(
        new Set([`request ${i}: one`, `request ${i}: two`, `request ${i}: three`]),
      );
      for (const { stream } of streams) expect(stream.trace_id).toBe(trace);
    }
    expect(linesOf(await query(`{service_name="${service}"} | trace_id=""`))).toContain(
      'outside of any trace',
    );
  });

  test('secrets do not get there', async () => {
    const [one] = await query(`{service_name="${service}"} | order="1"`);
    expect(one?.stream.password).toBe('REDACTED');
  });
});
