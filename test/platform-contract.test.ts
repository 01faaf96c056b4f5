import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { anyFreePort } from '@throughline/testbed/ports';
import { afterEach, expect, test } from 'vitest';
import { parseExposition } from '../packages/cli/src/metrics/parse-exposition.js';
import { runIn } from './packed.mjs';

const root = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const running: ReturnType<typeof spawn>[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill();
});

/** The example's service, as one team would run it; resolves when it listens or has ended. */
async function start(variables: Record<string, string>) {
  const metricsPort = await anyFreePort();
  const child = spawn(process.execPath, [root('examples/contract-service/src/main.js')], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'staging',
      PORT: '0',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
      // The warning about the contract is looked for among the lines.
      THROUGHLINE_SDK_LINES: 'stdout',
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const lines: Record<string, unknown>[] = [];
  const port = await new Promise<number | undefined>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      lines.push(JSON.parse(line));
      if (lines.at(-1)?.message === 'listening') resolve(lines.at(-1)?.port as number);
    });
    child.once('close', () => resolve(undefined));
  });
  return { child, port, lines, stderr: () => stderr, metricsUrl: `http://localhost:${metricsPort}/metrics` };
}

/**
 * Metric by metric, the names of the labels that its series have. `nodejs_active_requests` has series only while Node
 * reads a file or resolves a name.
 */
const shape = (metrics: ReturnType<typeof parseExposition>) =>
  Object.fromEntries(
    metrics
      .filter(({ name }) => name !== 'nodejs_active_requests')
      .map(({ name, samples }) => [
        name,
        [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))].sort(),
      ]),
  );

test('two services of two teams come out alike, and CI can check it', async () => {
  const shapes = [];
  for (const [name, team] of [
    ['orders', 'checkout'],
    ['products', 'catalogue'],
  ] as const) {
    const { port, lines, metricsUrl } = await start({ NAME: name, TEAM: team });
    expect(port).toBeDefined();
    for (const user of ['7', '8']) await (await fetch(`http://localhost:${port}/?user=${user}`)).text();
    const metrics = parseExposition(await (await fetch(metricsUrl)).text());
    shapes.push(shape(metrics));
    const identity = {
      service_name: name,
      service_namespace: 'shop',
      service_version: '1.0.0',
      deployment_environment_name: 'staging',
      team,
    };
    for (const { labels } of metrics.flatMap(({ samples }) => samples))
      expect(labels).toMatchObject(identity);
    expect(metrics.find((metric) => metric.name === 'greetings_answered_total')?.samples).toMatchObject([
      { labels: { language: 'en', ...identity }, value: 2 },
    ]);
    for (const line of lines) expect(line).toMatchObject(identity);
    expect(lines.filter(({ code }) => code === 'OBS_CONTRACT_BREACHED')).toHaveLength(1);
    const checked = await runIn(root('examples/contract-service'), process.execPath, [
      root('packages/cli/dist/main.js'),
      'check',
      '--contract',
      '@acme/observability-contract',
      '--metrics',
      metricsUrl,
    ]);
    expect(checked).toContain('meet the contract');
  }
  expect(shapes[0]).toEqual(shapes[1]);
});

test('a service of a team that does not exist ends at once, with the list', async () => {
  const { port, child, stderr } = await start({ TEAM: 'nobody', NODE_ENV: 'moon' });
  expect(port).toBeUndefined();
  expect(child.exitCode).toBe(1);
  expect(stderr()).toContain(
    "team (team) is 'nobody'; the contract allows 'checkout', 'catalogue', 'platform'",
  );
  expect(stderr()).toContain("environment (deployment_environment_name) is 'moon'");
  expect(stderr()).toContain('OBS_CONTRACT_BREACHED');
});
