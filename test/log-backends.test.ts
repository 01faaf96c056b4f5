import { createRequire } from 'node:module';
import { correlate, initObservability, logger, type Observability, withSpan } from '@throughline/core';
import { collectorHint, startCollector } from '@throughline/testbed/collector';
import { startLoki } from '@throughline/testbed/loki';
import { createProcesses } from '@throughline/testbed/processes';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { findLogRecords, startVictoriaLogs, victoriaLogsHint } from '@throughline/testbed/victorialogs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { stackFile } from '../scripts/stack/configuration.mjs';
import { asLokiHasIt, readLogql, runLogql } from '../scripts/stack/logql.mjs';

const winston = createRequire(new URL('../packages/core/package.json', import.meta.url))(
  'winston',
) as typeof import('../packages/core/node_modules/winston');

/*
 * What arrives in a backend of logs: labels, structured metadata, and the lines of one trace. In VictoriaLogs, through
 * a Collector, always; in a real Loki, by its own OTLP intake, where STACK_LOKI_URL or Docker is given.
 */
const processes = createProcesses();
const folder = temporaryFolder();
const loki = await startLoki({ processes, folder });
const victoriaLogs = await startVictoriaLogs({ processes, folder });
const collector =
  victoriaLogs &&
  (await startCollector({
    processes,
    folder,
    config: ({ otlpPort }) => ({
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlpPort}` } } } },
      exporters: { otlphttp: { endpoint: victoriaLogs.otlpUrl } },
      service: {
        telemetry: { metrics: { level: 'none' } },
        pipelines: { logs: { receivers: ['otlp'], exporters: ['otlphttp'] } },
      },
    }),
  }));
const hint = `there must be VictoriaLogs (${victoriaLogsHint}) and a Collector (${collectorHint})`;
if (!collector && process.env.CI) throw new Error(hint);
if (!collector) console.log(`The tests with VictoriaLogs are off: ${hint}.`);

afterAll(() => processes.stopAll());

interface Stream {
  readonly stream: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [string, string])[];
}

/** A log line as a backend has it. */
interface Line {
  /** What Loki is asked by, and everything beside it. */
  readonly labels: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly line: string;
}
/** Takes LogQL; `labels` says which names are labels. */
type Find = (query: string) => Promise<readonly Line[]>;

const indexed = ['deployment_environment_name', 'service_name', 'service_namespace', 'severity_text', 'team'];

const findInLoki: Find = async (query) => {
  const parameters = new URLSearchParams({
    query,
    limit: '1000',
    start: String((Date.now() - 3_600_000) * 1e6),
    end: String((Date.now() + 60_000) * 1e6),
  });
  const response = await fetch(`${loki?.url}/loki/api/v1/query_range?${parameters}`);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  const { result } = (JSON.parse(text) as { data: { result: Stream[] } }).data;
  return result.flatMap(({ stream, values }) =>
    values.map(([, line]) => ({
      labels: Object.fromEntries(Object.entries(stream).filter(([name]) => indexed.includes(name))),
      metadata: Object.fromEntries(Object.entries(stream).filter(([name]) => !indexed.includes(name))),
      line,
    })),
  );
};

const findInVictoriaLogs: Find = async (query) => {
  const records = await findLogRecords(`${victoriaLogs?.url}`, '*');
  const { otlp_config } = stackFile('loki/loki.yaml').limits_config;
  const lines: Line[] = records.map((record) => asLokiHasIt(record, otlp_config));
  return lines.filter((line) => {
    try {
      return runLogql(readLogql(query), [line]).length > 0;
    } catch {
      // The line lacks a label that the query names.
      return false;
    }
  });
};

describe.each([
  ...(collector
    ? [{ name: 'VictoriaLogs', endpoint: `${collector.otlpUrl}/v1/logs`, find: findInVictoriaLogs }]
    : []),
  ...(loki ? [{ name: 'Loki', endpoint: `${loki.url}/otlp/v1/logs`, find: findInLoki }] : []),
])('$name', ({ endpoint, find }) => {
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
        endpoint,
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
      async () => expect((await find(`{service_name="${service}"}`)).length).toBeGreaterThanOrEqual(10),
      { timeout: 30_000, interval: 250 },
    );
  });
  afterAll(() => observability?.shutdown());

  test('the identity and the level are labels; the trace is not', async () => {
    for (const { labels } of await find(`{service_name="${service}"}`)) {
      expect(labels).toEqual({
        service_name: service,
        team: 'checkout',
        deployment_environment_name: 'test',
        severity_text: expect.stringMatching(/^(info|warn|error|debug)$/),
      });
    }
    const [error] = await find(`{service_name="${service}", team="checkout", severity_text="error"}`);
    expect(error?.metadata).toMatchObject({
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
      k8s_pod_name: 'orders-7',
      exception_type: 'TypeError',
    });
  });

  test('a query by trace id gives exactly the lines of that trace', async () => {
    for (const [i, trace] of traces.entries()) {
      const lines = await find(`{service_name="${service}"} | trace_id="${trace}"`);
      expect(lines.map(({ line }) => line).sort()).toEqual(
        [`request ${i}: one`, `request ${i}: two`, `request ${i}: three`].sort(),
      );
      for (const { metadata } of lines) expect(metadata.trace_id).toBe(trace);
    }
    const outside = await find(`{service_name="${service}"} |= "outside of any trace"`);
    expect(outside).toHaveLength(1);
    expect(outside[0]?.metadata).not.toHaveProperty('trace_id');
  });

  test('secrets do not get there', async () => {
    const [one] = await find(`{service_name="${service}"} | order="1"`);
    expect(one?.metadata.password).toBe('REDACTED');
  });
});
