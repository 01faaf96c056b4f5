import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { managers, services } from './managers/managers.mjs';
import { runService } from './managers/run-service.mjs';
import { installTools } from './managers/tools.mjs';
import { pack, packages } from './packed.mjs';

/* A part of what `npm run test:managers` runs whole. Other tests install by npm. */
const chosen = ['pnpm 10, isolated', 'yarn 4, pnp'];
const tools = ['pnpm', 'yarn 4'];

const packed = mkdtempSync(join(tmpdir(), 'throughline-packed-'));
let given: Parameters<typeof runService>[2];
beforeAll(async () => {
  given = { tarballs: await pack(packages, packed), runnable: await installTools(packed, tools) };
}, 120_000);
afterAll(() => rmSync(packed, { recursive: true, force: true }));

test.each(chosen)('%s: a service with prom-client 14 and API 1.10 shows its three signals', async (name) => {
  const manager = managers.find((each) => each.name === name);
  const service = services.find((each) => each.name === 'prom-client 14, API 1.10');
  if (!manager || !service) throw new Error(`${name} is not in test/managers/managers.mjs.`);
  const { signals, faults } = await runService(manager, service, given);
  expect(faults).toEqual([]);
  expect(signals).toEqual({ traces: true, metrics: true, logs: true });
});
