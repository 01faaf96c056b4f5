/*
 * Runs the tests with random inputs with many more of them than `npm test` does.
 *
 *   npm run test:fuzz             20 times as many
 *   npm run test:fuzz -- 200      200 times as many
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const factor = process.argv[2] ?? '20';
const root = fileURLToPath(new URL('..', import.meta.url));
const { status } = spawnSync(
  process.execPath,
  [
    'scripts/pnpm.mjs',
    'exec',
    'vitest',
    'run',
    '--project=unit',
    '--no-file-parallelism',
    '--test-timeout=3600000',
    '.fuzz.test.ts',
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, FUZZ_FACTOR: factor } },
);
process.exitCode = status ?? 1;
