import { type CapturedObservability, captureObservability } from '@throughline/core/testing';
import { afterEach, expect, test } from 'vitest';
import { diagnosisFindings } from './diagnosis.js';

/* Against a service that really runs. */
const token = 'token-of-live-control';
const endpoint = 'http://127.0.0.1:4318';
let captured: CapturedObservability | undefined;
afterEach(() => captured?.stop());

async function metricsUrl(options: Parameters<typeof captureObservability>[0] = {}): Promise<string> {
  captured = captureObservability({
    ...{ serviceName: 'orders', metrics: { endpoint: { port: 0, host: '127.0.0.1' } }, control: { token } },
    ...options,
  });
  await captured.observability.ready;
  return `http://127.0.0.1:${captured.logLines.find((line) => line.metrics_port)?.metrics_port}/metrics`;
}

const ask = async (url: string, given = token) =>
  diagnosisFindings(url, { token: given, endpoint, signal: AbortSignal.timeout(20_000) });

test('what a service finds wrong with itself has its name, its code and its fix', async () => {
  const url = await metricsUrl({
    contract: { mode: 'warn', identity: { team: { required: true } } },
  });
  expect(await ask(url)).toContainEqual({
    ...{ serviceName: 'orders', level: 'error', code: 'OBS_CONTRACT_BREACHED' },
    ...{ message: expect.stringContaining('team'), fix: expect.stringMatching(/./) },
    help: 'npx throughline explain OBS_CONTRACT_BREACHED',
  });
});

test('a service that sends its traces to another address is reported', async () => {
  const url = await metricsUrl({ traces: { exporter: 'otlp', endpoint: 'http://127.0.0.1:9/v1/traces' } });
  expect(await ask(url)).toContainEqual(
    expect.objectContaining({
      ...{ serviceName: 'orders', code: 'OBS_SENT_ELSEWHERE' },
      message: expect.stringContaining('http://127.0.0.1:9/v1/traces'),
    }),
  );
});

test('a service that gives no diagnosis has no findings', async () => {
  const url = await metricsUrl();
  expect(await ask(url, 'another-token-entirely')).toBeUndefined();
  expect(await ask('http://127.0.0.1:9/metrics')).toBeUndefined();
});
