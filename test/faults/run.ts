/*
 * Creates every fault and says what did not hold. Writes docs/faults.md, which lists them.
 *
 *   npm run test:faults
 *   npm run test:faults -- endings SIGTERM      only groups and faults whose names have these words
 */
import { faultGroups } from './all.js';
import { createBed } from './bed.js';
import { writePage } from './page.js';

const words = process.argv.slice(2).map((word) => word.toLowerCase());
const concurrency = 2;

const bed = await createBed('faults-run');
let passed = 0;
let failed = 0;
try {
  for (const { title, faults } of faultGroups) {
    const chosen = faults.filter(({ name }) =>
      words.every((word) => `${title} ${name}`.toLowerCase().includes(word)),
    );
    const waiting = [...chosen];
    const work = async () => {
      for (let fault = waiting.shift(); fault; fault = waiting.shift()) {
        const problem = await fault.create(bed).catch((error: Error) => error.stack ?? String(error));
        if (problem === undefined) passed++;
        else failed++;
        console.log(`${problem === undefined ? 'ok    ' : 'FAILED'} ${title}: ${fault.name}`);
        if (problem !== undefined) console.log(problem.replace(/^/gm, '       '));
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
  }
} finally {
  await bed.stop();
}
writePage();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
