import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchers } from './launchers/launchers.mjs';
import { runLauncher } from './launchers/run-launcher.mjs';
import { installTools } from './managers/tools.mjs';
import { pack } from './packed.mjs';

/* A part of what `npm run test:launchers` runs whole. */
const chosen = ['npm start, `exec node server.js`', 'nodemon'];

const packed = mkdtempSync(join(tmpdir(), 'throughline-packed-'));
let given: Parameters<typeof runLauncher>[1];
beforeAll(async () => {
  given = { tarballs: await pack(['core'], packed), runnable: await installTools(packed, ['npm 11']) };
}, 120_000);
afterAll(() => rmSync(packed, { recursive: true, force: true }));

test.each(chosen)('%s: the service alone is observed, and the signal brings its spans', async (name) => {
  const launcher = launchers.find((each) => each.name === name);
  if (!launcher) throw new Error(`${name} is not in test/launchers/launchers.mjs.`);
  const { output, ...result } = await runLauncher(launcher, given);
  expect(result, output).toEqual({ traces: true, metrics: true, isOnly: true, isSignalPassed: true });
});
