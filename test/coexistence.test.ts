import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { casesToRun } from '@throughline/testbed/cases';
import { startIntake } from '@throughline/testbed/otlp-intake';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { installPacked, runIn } from './packed.mjs';

/*
 * Other SDKs in the same process: Throughline records all the same, says once what is there, and does not
 * break the other one.
 */
let folder: string;
let intake: Awaited<ReturnType<typeof startIntake>>;

beforeAll(async () => {
  ({ folder } = await installPacked([
    'express@5',
    '@opentelemetry/sdk-node@0.223.0',
    '@sentry/node@10',
    'dd-trace@5',
  ]));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  intake = await startIntake();
});
afterEach(() => intake.stop());

const others = {
  '@opentelemetry/sdk-node': `
    const { NodeSDK } = require('@opentelemetry/sdk-node');
    const { InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-node');
    globalThis.theirs = new InMemorySpanExporter();
    new NodeSDK({ serviceName: 'other', spanProcessors: [new SimpleSpanProcessor(theirs)] }).start();`,
  '@sentry/node': `
    const Sentry = require('@sentry/node');
    Sentry.init({ dsn: 'http://public@127.0.0.1:9/1', tracesSampleRate: 1 });`,
  'dd-trace': `
    process.env.DD_TRACE_AGENT_URL = 'http://127.0.0.1:9';
    process.env.DD_INSTRUMENTATION_TELEMETRY_ENABLED = 'false';
    require('dd-trace').init({ startupLogs: false });`,
};

const ours = (endpoint: string) => `
  const { initObservability, logger } = require('@throughline/core');
  const { expressPlugin } = require('@throughline/express');
  const observability = initObservability({
    serviceName: 'ours',
    traces: { endpoint: '${endpoint}/v1/traces' },
    metrics: { endpoint: false },
    plugins: [expressPlugin()],
  });`;

const service = `
  const express = require('express');
  const app = express();
  app.get('/orders/:id', (request, response) => {
    logger.info('order read');
    require('@opentelemetry/api').trace.getTracer('service').startSpan('by hand').end();
    response.json({});
  });
  const server = app.listen(0, async () => {
    await (await fetch('http://localhost:' + server.address().port + '/orders/1')).text();
    await observability.flush();
    console.log((await observability.metrics.render()).body.match(/^http_server_request_duration_seconds_count.*$/gm)?.join(''));
    // The other SDK exports when it has found out about its resource.
    for (let i = 0; globalThis.theirs?.getFinishedSpans().length === 0 && i < 200; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    if (globalThis.theirs) console.log('THEIRS', theirs.getFinishedSpans().map((span) => span.name).join());
    process.exit(0);
  });`;

const starts = [
  ['@opentelemetry/sdk-node', 'before'],
  ['@opentelemetry/sdk-node', 'after'],
  ['@sentry/node', 'before'],
  ['@sentry/node', 'after'],
  ['dd-trace', 'before'],
  ['dd-trace', 'after'],
] as const;
// test/opentelemetry-lines.test.ts has both for @opentelemetry/sdk-node.
const startsToRun = casesToRun(starts, ([name, when]) => (name === '@sentry/node') === (when === 'after'));
test.each(startsToRun)('%s started %s Throughline', async (name, when) => {
  const parts = [others[name], ours(intake.url)];
  writeFileSync(
    join(folder, 'service.cjs'),
    (when === 'before' ? parts : parts.reverse()).join('\n') + service,
  );
  const output = await runIn(folder, process.execPath, ['service.cjs']);

  const spans = intake.spansOf('ours');
  // Another SDK's spans may come through our provider, as those of any user of the API.
  const server = spans.filter((span) => span.kind === 2 && span.scope === '@throughline/core');
  expect(
    server.map((span) => span.name),
    output,
  ).toEqual(['GET /orders/:id']);
  expect(output).toContain(`"trace_id":"${server[0]?.traceId}"`);
  expect(output).toMatch(
    /http_server_request_duration_seconds_count\{[^}]*http_route="\/orders\/:id"[^}]*\} 1$/m,
  );

  const warnings = output
    .split('\n')
    .filter((line) => /"code":"OBS_(?:OTHER_AGENT|SDK_)/.test(line))
    .map((line) => JSON.parse(line));
  expect(output).not.toContain('Attempted duplicate registration');
  if (name === '@opentelemetry/sdk-node') {
    // One warning, with what to do; whoever was first keeps the API.
    const code = when === 'before' ? 'OBS_SDK_ALREADY_REGISTERED' : 'OBS_SDK_REGISTERED_LATER';
    expect(
      warnings.map((line) => line.code),
      output,
    ).toEqual([code]);
    expect(warnings[0].fix).toMatch(/Start only one/);
    if (when === 'before') expect(output).toMatch(/THEIRS .*by hand/);
    else expect(spans.map((span) => span.name)).toContain('by hand');
  } else {
    const agents = warnings.filter((line) => line.code === 'OBS_OTHER_AGENT');
    expect(agents, output).toHaveLength(1);
    expect(agents[0].message).toContain(name);
  }
});
