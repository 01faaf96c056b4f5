/*
 * Builds the package of a plugin. Called in its folder. TypeScript 7 writes the declarations of the sources in a fraction
 * of the time that tsup would need; tsup bundles them, and makes the code.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = (path) => fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url));
const run = (path, ...args) => execFileSync(process.execPath, [program(path), ...args], { stdio: 'inherit' });

try {
  run('typescript-7/bin/tsc', '--project', 'tsconfig.types.json');
  run('tsup/dist/cli-default.js');
} finally {
  rmSync('compiled', { recursive: true, force: true });
}
