import { rmSync } from 'node:fs';
import { nodeOf, secondNode } from '@throughline/testbed/nodes';
import { createProcesses } from '@throughline/testbed/processes';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cells, impossible } from './matrix/cells.mjs';
import { installForMatrix } from './matrix/libraries.mjs';
import { startParts } from './matrix/parts.mjs';
import { cellName, runCell } from './matrix/run-cell.mjs';

/*
 * A part of the matrix that `npm run matrix` runs whole: Express 5; every way of loading the code; init by the import flag,
 * first in the entry, and last; one cell on a second Node.
 */
const at = { nodes: [nodeOf('current')], onlyMajors: [5] };
const chosen = [
  ...cells({ ...at, onlyInits: ['import flag'], onlySystems: ['esm', 'tsx', 'type stripping'] }),
  ...cells({ ...at, onlyInits: ['first'], onlySystems: ['cjs'] }),
  ...cells({ ...at, onlyInits: ['last'], onlySystems: ['esm', 'bundle inlined'] }),
  ...cells({
    nodes: [nodeOf(secondNode)],
    onlyMajors: [5],
    onlyInits: ['import flag'],
    onlySystems: ['bundle external'],
  }),
].filter((cell) => !impossible(cell));

const processes = createProcesses();
const missing: string[] = [];
let folder: string;
let parts: Parameters<typeof runCell>[2];
let stopParts: () => Promise<unknown>;

beforeAll(async () => {
  const where = { processes, folder: temporaryFolder() };
  const [started, installed] = await Promise.all([startParts(where), installForMatrix(5)]);
  ({ parts, stop: stopParts } = started);
  folder = installed;
  missing.push(...started.missing);
  if (missing.length > 0) console.log(`Not in the cells: ${missing.join('; ')}`);
}, 300_000);

afterAll(async () => {
  await Promise.all([stopParts?.(), processes.stopAll()]);
  rmSync(folder, { recursive: true, force: true });
});

if (process.env.CI) test('no part is missing', () => expect(missing).toEqual([]));

test.each(chosen.map((cell) => [cellName(cell), cell] as const))('%s', async (_name, cell) => {
  const { kept, output } = await runCell(cell, folder, parts);
  const broken = Object.keys(kept).filter((promise) => !kept[promise]);
  expect(broken, output.slice(-2_000)).toEqual([]);
});
