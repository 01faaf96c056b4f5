/*
 * Checks the workflows of .github: actionlint reads them as GitHub does, and every action must be pinned by its commit,
 * because a tag can be moved. Without actionlint it says so and checks the rest.
 *
 *   node scripts/check-workflows.mjs [folder] [--complete]     with --complete, a missing actionlint is a failure
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { backendHint, backendProgram } from '../testbed/src/backend-programs.mjs';

const [given] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const root = given ?? fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, '.github/workflows');
const files = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));

for (const file of files) {
  const text = readFileSync(join(folder, file), 'utf8');
  for (const [, action] of text.matchAll(/^\s*(?:- )?uses: (.+)$/gm)) {
    if (/^(?:\.\/\S+|\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/.test(action)) continue;
    fail(`${file}: '${action}' is not pinned: write the commit, and the version as a comment.`);
  }
}

const actionlint = backendProgram('actionlint');
if (actionlint) {
  const paths = files.map((file) => join(folder, file));
  // Its rules for shell scripts depend on what else is installed.
  const { status } = spawnSync(actionlint, ['-no-color', '-shellcheck=', '-pyflakes=', ...paths], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) fail('actionlint found faults.');
} else if (process.argv.includes('--complete')) fail(`actionlint is missing: ${backendHint('actionlint')}.`);
else console.log(`actionlint did not run: ${backendHint('actionlint')}.`);

function fail(message) {
  console.error(message);
  process.exitCode = 1;
}
