/*
 * Installs and runs a service with every package manager, for everything that a service may have had before, and
 * writes the table in docs/installing.md. Each package manager installs its first service once more from the lock file.
 * The packages must be built: npm run build.
 *
 *   npm run test:managers
 *   npm run test:managers -- --manager pnpm --service "prom-client 14" --no-table
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pack, packages } from '../packed.mjs';
import { managers, services } from './managers.mjs';
import { runService } from './run-service.mjs';
import { writeTable } from './table.mjs';
import { installTools } from './tools.mjs';

const { values } = parseArgs({
  options: {
    manager: { type: 'string', default: '' },
    service: { type: 'string', default: '' },
    'no-table': { type: 'boolean', default: false },
  },
});

const packed = mkdtempSync(join(tmpdir(), 'throughline-packed-'));
const results = [];
try {
  const given = { tarballs: await pack(packages, packed), runnable: await installTools(packed) };
  for (const manager of managers.filter(({ name }) => name.includes(values.manager))) {
    for (const service of services.filter(({ name }) => name.includes(values.service))) {
      const result = await runService(manager, service, given, {
        fromLock: !results.some((each) => each.manager === manager.name),
        audit: !results.some((each) => each.unchecked.includes('audit')),
      });
      results.push({ manager: manager.name, service: service.name, ...result });
      const isWell = result.faults.length === 0;
      console.log(
        `${isWell ? 'ok    ' : 'FAILED'} ${manager.name}: ${service.name} ${result.codes.join(' ')}`,
      );
      for (const fault of result.faults) console.log(fault);
    }
  }
} finally {
  rmSync(packed, { recursive: true, force: true });
}
const failed = results.filter(({ faults }) => faults.length > 0).length;
// A table needs every package manager; it has the requested columns.
if (failed === 0 && !values['no-table'] && !values.manager) writeTable(results);
if (results.some((result) => result.unchecked.includes('audit')))
  console.log('The registry does not answer `npm audit`: it was not checked.');
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
