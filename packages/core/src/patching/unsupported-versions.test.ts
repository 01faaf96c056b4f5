import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.js';
import type { ObservabilityPlugin } from '../plugin/plugin.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

let captured: CapturedObservability;
afterEach(async () => {
  await captured.stop();
  for (const file of Object.keys(cache)) {
    if (file.includes('throughline-versions-')) delete cache[file];
  }
});
const { cache } = createRequire(import.meta.url);

/** Installs a package `framework` in this version, which answers with its version. */
function install(version: string): () => { version: string } {
  const folder = join(temporaryFolder('throughline-versions-'), 'node_modules/framework');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'framework', version }));
  writeFileSync(join(folder, 'index.js'), `exports.version = '${version}';`);
  return () => createRequire(folder)('framework');
}

/** A plugin with a patch for each of two ranges, as clients need whose files moved. */
const plugin = (patched: (string | undefined)[]): ObservabilityPlugin => ({
  name: 'acme',
  setup({ patchModule }) {
    for (const range of ['>=1.0.0 <2', '>=2.0.0 <3']) {
      patchModule({
        name: 'framework',
        supportedVersions: [range],
        patch: (_, version) => void patched.push(version),
      });
    }
  },
});

const warnings = () => captured.logLines.filter(({ level }) => level === 'warn');

test.each(['before', 'after'])(
  'a version that is not known, loaded %s init: it works, is not patched, and is reported once',
  async (order) => {
    const patched: (string | undefined)[] = [];
    const load = install('99.0.0');
    if (order === 'before') load();
    captured = captureObservability({ plugins: [plugin(patched)] });
    expect(load().version).toBe('99.0.0');
    install('99.0.0')();
    await new Promise(setImmediate);
    expect(patched).toEqual([]);
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]).toMatchObject({
      code: 'OBS_LIBRARY_UNSUPPORTED',
      message: expect.stringMatching(
        /^framework 99\.0\.0 in .* is not recorded: acme supports >=1\.0\.0 <2 or >=2\.0\.0 <3\.$/,
      ),
    });
  },
);

test('a version that one of the patches supports is not reported', async () => {
  const patched: (string | undefined)[] = [];
  const load = install('2.5.0');
  load();
  captured = captureObservability({ plugins: [plugin(patched)] });
  install('1.0.0')();
  await new Promise(setImmediate);
  expect(patched.toSorted()).toEqual(['1.0.0', '2.5.0']);
  expect(warnings()).toEqual([]);
});
