/*
 * Runs every cell of the matrix and writes docs/matrix.md.
 *
 *   npm run matrix                              all supported versions of Node
 *   npm run matrix -- --node current --no-table the Node that runs this, without writing the page
 *   npm run matrix -- --at-once 4               four cells at the same time; default: 2
 */
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { nodeOf, supportedNodes } from '@throughline/testbed/nodes';
import { createProcesses } from '@throughline/testbed/processes';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { cells, expressMajors, impossible } from './cells.mjs';
import { installForMatrix } from './libraries.mjs';
import { startParts } from './parts.mjs';
import { runCell } from './run-cell.mjs';
import { matrixPage } from './table.mjs';

const { values } = parseArgs({
  options: {
    node: { type: 'string', multiple: true, default: supportedNodes },
    'no-table': { type: 'boolean', default: false },
    'at-once': { type: 'string', default: '2' },
  },
});

const processes = createProcesses();
const temporary = temporaryFolder();
const folders = {};
let parts;
let missing;
let stopParts;
let failed = 0;
let passed = 0;
let skipped = 0;
try {
  ({ parts, missing, stop: stopParts } = await startParts({ processes, folder: temporary }));
  for (const major of expressMajors) folders[major] = await installForMatrix(major);
  const results = [];
  const waiting = [];
  for (const cell of cells({ nodes: values.node.map(nodeOf) })) {
    const reason = impossible(cell);
    if (reason) skipped++;
    else waiting.push(cell);
    results.push({ cell, reason });
  }
  const run = async (cell) => {
    const { kept, output } = await runCell(cell, folders[cell.express], parts);
    Object.assign(
      results.find((result) => result.cell === cell),
      { kept },
    );
    return { broken: Object.keys(kept).filter((promise) => !kept[promise]), output };
  };
  const again = [];
  // A cell mostly waits, for its group of Kafka.
  const inTurn = async () => {
    for (let cell = waiting.shift(); cell; cell = waiting.shift()) {
      if ((await run(cell)).broken.length > 0) again.push(cell);
      else passed++;
    }
  };
  await Promise.all(Array.from({ length: Number(values['at-once']) }, inTurn));
  // On a busy machine a cell may not end in time. So what failed is run once more, alone.
  for (const cell of again) {
    const { broken, output } = await run(cell);
    const name = `Node ${cell.node}, ${cell.system}, init ${cell.init}, Express ${cell.express}`;
    if (broken.length === 0) {
      passed++;
      console.log(`${name}: passed only alone`);
    } else {
      failed++;
      console.log(`${name}: ${broken.join(', ')} missing\n${output.slice(-1_500)}\n`);
    }
  }
  for (const part of missing) console.log(`Not in the cells: ${part}`);
  // A page that claims what was not run would be worse than an old one.
  if (!values['no-table'] && failed === 0 && missing.length === 0) {
    writeFileSync(fileURLToPath(new URL('../../docs/matrix.md', import.meta.url)), matrixPage(results));
  }
} finally {
  await stopParts?.();
  await processes.stopAll();
  rmSync(temporary, { recursive: true, force: true });
  for (const folder of Object.values(folders)) rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 ? 1 : 0;
