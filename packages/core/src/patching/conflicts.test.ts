import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

let captured: CapturedObservability;
afterEach(async () => {
  await captured.stop();
  const { cache } = createRequire(import.meta.url);
  for (const file of Object.keys(cache)) if (file.includes('throughline-conflicts-')) delete cache[file];
});

/** Puts packages into a new folder of a service, and gives its `require`. */
function service(...packages: [folder: string, version: string][]) {
  const root = temporaryFolder('throughline-conflicts-');
  for (const [folder, version] of packages) {
    const path = join(root, 'node_modules', folder);
    mkdirSync(path, { recursive: true });
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 1).replace('ode_modules/', '');
    writeFileSync(join(path, 'package.json'), JSON.stringify({ name, version }));
    writeFileSync(join(path, 'index.js'), 'exports.version = 1;');
  }
  return createRequire(join(root, 'main.js'));
}

const warnings = (code: string) => captured.logLines.filter((line) => line.code === code);

test('another agent is named once, whether it was there before or comes later', () => {
  service(['newrelic', '12.0.0'])('newrelic');
  captured = captureObservability();
  const require = service(['dd-trace', '5.0.0']);
  require('dd-trace');
  require('dd-trace');
  expect(warnings('OBS_OTHER_AGENT').map((line) => line.message.split(' ')[0])).toEqual([
    'newrelic',
    'dd-trace',
  ]);
});
