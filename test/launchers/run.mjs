/*
 * Starts a service with every launcher while NODE_OPTIONS names the register entry, and writes the table in
 * docs/launchers.md. The packages must be built: npm run build.
 *
 *   npm run test:launchers
 *   npm run test:launchers -- --launcher nodemon --no-table
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installTools } from '../managers/tools.mjs';
import { pack } from '../packed.mjs';
import { launchers } from './launchers.mjs';
import { runLauncher } from './run-launcher.mjs';
import { writeTable } from './table.mjs';

const { values } = parseArgs({
  options: { launcher: { type: 'string', default: '' }, 'no-table': { type: 'boolean', default: false } },
});

const packed = mkdtempSync(join(tmpdir(), 'throughline-packed-'));
const results = [];
try {
  const given = { tarballs: await pack(['core'], packed), runnable: await installTools(packed) };
  for (const launcher of launchers.filter(({ name }) => name.includes(values.launcher))) {
    const result = await runLauncher(launcher, given).catch((error) => ({ error: error.message }));
    const isWell = result.traces && result.metrics && result.isOnly;
    results.push({ launcher, isWell, ...result });
    console.log(
      `${isWell ? 'ok    ' : 'FAILED'} ${launcher.name}${result.isSignalPassed === false ? ' (the signal does not reach the service)' : ''}`,
    );
    if (!isWell) console.log(result);
  }
} finally {
  rmSync(packed, { recursive: true, force: true });
}
const failed = results.filter(({ isWell }) => !isWell).length;
if (failed === 0 && !values['no-table'] && !values.launcher) writeTable(results);
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
