import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { anyFreePort } from '@throughline/testbed/ports';
import { createProcesses } from '@throughline/testbed/processes';
import { untilReady } from '@throughline/testbed/ready';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRegistry } from './init/registry.mjs';
import { environmentOfUser, pack } from './packed.mjs';

/*
 * A new service in docs/get-started.md, step by step: the commands and files are those of the page. `throughline` comes from
 * its tarball, and the ports are free ones.
 */
const page = readFileSync(fileURLToPath(new URL('../docs/get-started.md', import.meta.url)), 'utf8');
const processes = createProcesses();
const place = mkdtempSync(join(tmpdir(), 'throughline-get-started-'));
const folder = join(place, 'orders');
let registry: Awaited<ReturnType<typeof startRegistry>>;
let command: string;
let port: number;
let metricsPort: number;

/** The blocks of code of a numbered step, for the ports of this run. */
function blocksOf(step: number): string[] {
  const section = page.split(/^##+ /m).find((text) => text.startsWith(`${step}. `)) ?? '';
  return Array.from(section.matchAll(/^```\w+\n([\s\S]*?)^```/gm), ([, block = '']) =>
    block.replaceAll('8080', String(port)).replaceAll('9464', String(metricsPort)),
  );
}

const env = () => ({
  ...environmentOfUser(),
  npm_config_userconfig: join(place, '.npmrc'),
  npm_config_prefer_offline: 'true',
  OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
});

/** Starts what a block says, sends the request of step 3, and returns what the process has written. */
async function startAndRequest(block: string) {
  const started = processes.start('orders', 'sh', ['-c', block], { cwd: folder, env: env() });
  const url = /http:\S+/.exec(blocksOf(3)[1] ?? '')?.[0] ?? '';
  await untilReady('orders', url, started, 60_000);
  return started;
}

beforeAll(async () => {
  port = await anyFreePort();
  metricsPort = await anyFreePort();
  const { cli, ...others } = await pack(['core', 'express', 'cli'], place);
  command = cli as string;
  registry = await startRegistry(others);
  writeFileSync(join(place, '.npmrc'), registry.npmrc);
}, 240_000);
afterAll(async () => {
  await processes.stopAll();
  registry?.close();
  rmSync(place, { recursive: true, force: true });
});

test('a new service is installed, and its first trace is on the page of `throughline dev`', async () => {
  const install = (blocksOf(1)[0] ?? '').replace(/ throughline$/m, ` ${command}`);
  await processes.start('install', 'sh', ['-e', '-c', install], { cwd: place, env: env() }).succeeded();
  writeFileSync(join(folder, 'server.js'), blocksOf(2)[0] ?? '');

  const dev = await startAndRequest(blocksOf(3)[0] ?? '');
  const link = new URL(await dev.fromLine((line: string) => /http:\S+token=\S+/.exec(line)?.[0]));
  const overview = () =>
    fetch(new URL('/api/overview', link), {
      headers: { authorization: `Bearer ${link.href.split('token=')[1]}` },
    }).then((response) => response.text());
  await expect.poll(overview, { timeout: 20_000 }).toContain('GET /orders/:id');
  await dev.stop();
});

test('the log line, the spans and the metric of a request have one trace id', async () => {
  writeFileSync(join(folder, 'server.js'), blocksOf(4)[0] ?? '');
  const [start = '', scrape = ''] = blocksOf(5);
  const service = await startAndRequest(start);
  const traceId = await service.fromLine((line: string) =>
    line.includes('order read') ? /"trace_id":"(\w{32})"/.exec(line)?.[1] : undefined,
  );
  const metrics = processes.start('scrape', 'sh', ['-c', scrape], { cwd: folder, env: env() });
  await metrics.succeeded();
  expect(metrics.lines.join('\n')).toMatch(
    new RegExp(`^orders_read_total\\{state="paid".*\\} 1 # \\{trace_id="${traceId}"`, 'm'),
  );
  await service.stop();
  const output = service.lines.join('\n');
  for (const name of ['find order', 'GET /orders/:id']) expect(output).toContain(`name: '${name}'`);
  expect(output.match(new RegExp(`^  traceId: '${traceId}'`, 'gm'))).toHaveLength(2);
});
