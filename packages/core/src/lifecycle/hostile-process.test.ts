import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltCore, buildCore } from '../../test/built-core.js';

/* Processes in a state that Throughline has not made: they start, and end as they would without it. */
let core: BuiltCore;
beforeAll(async () => {
  core = await buildCore('hostile-process-test');
});
afterAll(() => core.remove());

let files = 0;

async function run(body: string, nodeArguments: readonly string[] = [], cwd = core.folder) {
  const file = join(core.folder, `hostile-${files++}.cjs`);
  writeFileSync(file, body);
  const child = spawn(process.execPath, [...nodeArguments, file], {
    cwd,
    env: { ...process.env, OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_PROMETHEUS_PORT: '0' },
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { stdout, stderr, code };
}

const service = `
const { initObservability, withSpan, counter, logger } = require('@throughline/core');
const observability = initObservability({ serviceName: 'orders', metrics: { endpoint: false } });
counter({ name: 'orders_placed_total', help: 'Orders.', labelNames: ['shop'] }).inc({ shop: 'a' });
withSpan('work', () => logger.info('worked', { a: 1 }));
`;

describe('a removed working directory', () => {
  const removed = "const fs = require('node:fs'); fs.rmdirSync(process.cwd());\n";
  const folder = () => mkdtempSync(join(tmpdir(), 'throughline-removed-'));

  test('initObservability starts', async () => {
    const { code, stdout, stderr } = await run(
      `${removed}${service}observability.shutdown().then(() => console.log('done'));`,
      [],
      folder(),
    );
    expect(stdout, stderr).toContain('done');
    expect(stdout).toContain('worked');
    expect(code).toBe(0);
  });

  test('register starts', async () => {
    const { code, stdout, stderr } = await run(
      `${removed}require('@throughline/core/register'); console.log('done'); setImmediate(() => process.exit(0));`,
      [],
      folder(),
    );
    expect(stdout, stderr).toContain('done');
    expect(code).toBe(0);
  });
});

describe('an Object.prototype with enumerable properties', () => {
  test.each([
    ['a function', 'Object.prototype.extended = function () {};'],
    ['a text', "require('@throughline/core'); Object.prototype.extended = 'text';"],
    ['an object', "require('@throughline/core'); Object.prototype.extended = { a: 1 };"],
  ])(
    '%s: the service starts, is observed, and collecting garbage does not end it',
    async (_name, pollution) => {
      const { code, stdout, stderr } = await run(
        `${pollution}${service}
      const collected = /nodejs_gc_duration_seconds_count\\{[^}]*kind="major"[^}]*\\} [1-9]/;
      (async () => {
        await observability.ready;
        let body;
        // Node tells of a collection in a later turn.
        do {
          gc();
          await new Promise((resolve) => setTimeout(resolve, 10));
          ({ body } = await observability.metrics.render());
        } while (!collected.test(body));
        console.log(body);
        await observability.shutdown();
        console.log('done');
      })();`,
        ['--expose-gc'],
      );
      expect(stdout, stderr).toContain('done');
      expect(stdout).toContain('worked');
      expect(stdout).not.toContain('extended');
      expect(stdout).toMatch(/orders_placed_total\{[^}]*shop="a"[^}]*\} 1/);
      expect(stdout).toMatch(/nodejs_gc_duration_seconds_count\{[^}]*kind="major"[^}]*\} [1-9]/);
      expect(code).toBe(0);
    },
  );
});

test('parts of large texts, each of which would keep the whole text, do not fill a heap of 64 MB', async () => {
  const acts = {
    'label of a counter': 'counted.inc({ part }, 1)',
    'attribute of an OpenTelemetry counter': 'meter.add(1, { part })',
    'name of an attribute of an OpenTelemetry counter': 'meter.add(1, { [part]: 1 })',
    'name of an attribute of a span': "withSpan('work', (span) => span.setAttribute(part, 1))",
    'name of a span': 'withSpan(part, () => {})',
    'name of a tracer': "api.trace.getTracer(part).startSpan('work').end()",
    'name of a field of a line': "logger.info('x', { [part]: 1 })",
    'message of a line': 'logger.info(part)',
    'name of a parameter in an error': "logger.info('failed: /x?token=1&' + part + '=1')",
    'name of an annotation': "withSpan('work', () => annotate({ [part]: 1 }))",
  };
  const loops = Object.entries(acts).map(
    ([name, act]) => `console.log(${JSON.stringify(name)}); for (const part of parts()) ${act};`,
  );
  const { code, stdout, stderr } = await run(
    `const { initObservability, withSpan, counter, logger, annotate } = require('@throughline/core');
     const api = require('@opentelemetry/api');
     initObservability({ metrics: { endpoint: false }, logs: { destinations: [], canonicalLine: true } });
     const counted = counter({ name: 'parts_total', help: 'Parts.', labelNames: ['part'] });
     const meter = api.metrics.getMeter('test').createCounter('parts');
     let count = 0;
     // 100 MB in all.
     function* parts() {
       for (let i = 0; i < 200; i++) {
         const whole = \`part_\${count++}_abcdefghijkl\` + Buffer.alloc(500_000, 'x').toString('latin1');
         yield whole.slice(0, 22);
       }
     }
     ${loops.join('\n')}
     process.exit(4);`,
    ['--max-old-space-size=64'],
  );
  expect(code, `${stdout.trim().split('\n').at(-1)}: ${stderr.slice(0, 500)}`).toBe(4);
});
