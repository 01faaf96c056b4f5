import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { transformSync } from 'esbuild';

const source = fileURLToPath(new URL('busy.ts', import.meta.url));
const load = createRequire(import.meta.url);

/**
 * `busy.ts` as a service has it: compiled, with a source map. Each call makes a file of its own, which V8 has not seen
 * before. What V8 compiled while no profiler ran may be inlined into its callers, and then has no frame in a profile.
 */
export function freshBusy(map: 'external' | 'inline' = 'external'): (millis: number) => number {
  const file = join(temporaryFolder(), 'busy.cjs');
  const { code, map: text } = transformSync(readFileSync(source, 'utf8'), {
    loader: 'ts',
    format: 'cjs',
    minifyIdentifiers: true,
    keepNames: false,
    sourcefile: source,
    sourcemap: map,
  });
  writeFileSync(file, map === 'external' ? `${code}//# sourceMappingURL=busy.cjs.map\n` : code);
  if (map === 'external') writeFileSync(`${file}.map`, text);
  return load(file).findPrimes;
}
