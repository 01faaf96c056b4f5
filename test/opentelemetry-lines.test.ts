import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeOf } from '@throughline/testbed/nodes';
import { startIntake } from '@throughline/testbed/otlp-intake';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { installPacked, runIn } from './packed.mjs';

/*
 * Both lines of OpenTelemetry in a service: the 0.2xx packages with API 1.9, and the 0.30x packages with API 1.10, which
 * need Node 22.15. A NodeSDK of either line leads to one warning, and a stock instrumentation is applied late.
 */
const lines = [
  {
    line: '0.2xx',
    node: 'current',
    packages: ['@opentelemetry/api@1.9.1', '@opentelemetry/sdk-node@0.223.0'],
    instrumentation: '@opentelemetry/instrumentation-express@0.71.1',
    exporter: `const { InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-node');
      globalThis.theirs = new InMemorySpanExporter();
      const processor = new SimpleSpanProcessor(theirs);`,
  },
  {
    line: '0.30x',
    node: '24',
    packages: [
      '@opentelemetry/api@1.10.0',
      '@opentelemetry/sdk-node@0.301.0',
      '@opentelemetry/sdk-trace@3.1.1',
    ],
    instrumentation: '@opentelemetry/instrumentation-express@0.72.0',
    exporter: `const { InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace');
      globalThis.theirs = new InMemorySpanExporter();
      const processor = new SimpleSpanProcessor({ exporter: theirs });`,
  },
] as const;

describe.each(lines)('the $line line', ({ node, packages, instrumentation, exporter }) => {
  let folder: string;
  let intake: Awaited<ReturnType<typeof startIntake>>;
  beforeAll(async () => {
    ({ folder } = await installPacked(['express@5.3.0', ...packages, instrumentation], {
      names: ['core', 'express'],
    }));
  }, 400_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    intake = await startIntake();
  });
  afterEach(() => intake.stop());

  const nodeSdk = `
    const { NodeSDK } = require('@opentelemetry/sdk-node');
    ${exporter}
    new NodeSDK({ serviceName: 'other', spanProcessors: [processor] }).start();`;
  const throughline = (options = '') => `
    const { initObservability } = require('@throughline/core');
    const { expressPlugin } = require('@throughline/express');
    const observability = initObservability({
      serviceName: 'ours',
      traces: { endpoint: '${intake.url}/v1/traces' },
      metrics: { endpoint: false },
      plugins: [expressPlugin()],
      ${options}
    });`;
  const service = `
    app.get('/orders/:id', (request, response) => {
      require('@opentelemetry/api').trace.getTracer('service').startSpan('by hand').end();
      response.json({});
    });
    const server = app.listen(0, async () => {
      await (await fetch('http://localhost:' + server.address().port + '/orders/1')).text();
      await observability.flush();
      process.exit(0);
    });`;
  const application = "const app = require('express')();";

  async function run(...parts: string[]) {
    writeFileSync(join(folder, 'service.cjs'), [...parts, service].join('\n'));
    const output = await runIn(folder, nodeOf(node).path, ['service.cjs']);
    const problems = output.split('\n').filter((line) => /"level":"(?:warn|error)"/.test(line));
    return {
      output,
      problems: problems.map((line) => JSON.parse(line)),
      names: intake.spansOf('ours').map((span) => span.name),
      scopes: intake.spansOf('ours').map((span) => span.scope),
    };
  }

  test('a NodeSDK that was first stays in force, with one warning', async () => {
    const { output, problems, names } = await run(nodeSdk, throughline(), application);
    expect(
      problems.map((line) => line.code),
      output,
    ).toEqual(['OBS_SDK_ALREADY_REGISTERED']);
    expect(names).toContain('GET /orders/:id');
    expect(names).not.toContain('by hand');
  });

  test('a NodeSDK that comes later leads to one warning, without a stack', async () => {
    const { output, problems, names } = await run(throughline(), nodeSdk, application);
    expect(
      problems.map((line) => line.code),
      output,
    ).toEqual(['OBS_SDK_REGISTERED_LATER']);
    expect(output).not.toContain('Attempted duplicate registration');
    expect(names).toEqual(expect.arrayContaining(['GET /orders/:id', 'by hand']));
  });

  test('a stock instrumentation is applied to a module that is loaded already', async () => {
    const { output, problems, scopes } = await run(
      application,
      `const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express');`,
      throughline('instrumentations: [new ExpressInstrumentation()],'),
    );
    expect(problems, output).toEqual([]);
    expect(scopes).toEqual(
      expect.arrayContaining(['@throughline/core', '@opentelemetry/instrumentation-express']),
    );
  });
});
