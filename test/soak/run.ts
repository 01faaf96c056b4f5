/*
 * A service under load for long, and what it holds meanwhile. Draws docs/images/soak.svg.
 *
 *   npm run soak                  a million requests
 *   npm run soak -- 50000         fewer; without a picture
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildCore } from '../../packages/core/test/built-core.js';
import { picture } from './picture.js';
import { growth, soak } from './soak.js';

const given = process.argv[2];
const requestCount = Number(given ?? 1_000_000);
const core = await buildCore('soak-run');
const startMillis = Date.now();
try {
  const samples = await soak(core.folder, requestCount, 40);
  for (const { requests, heapBytes, rssBytes, handles, listeners, series } of samples) {
    console.log(
      `${requests} requests: heap ${megabytes(heapBytes)} MB, RSS ${megabytes(rssBytes)} MB, ${handles} handles, ${listeners} listeners, ${series} series`,
    );
  }
  const grown = growth(samples);
  for (const line of grown) console.log(`GROWN ${line}`);
  console.log(`${requestCount} requests in ${Math.round((Date.now() - startMillis) / 1000)} s`);
  if (given === undefined || process.argv.includes('--picture')) {
    writeFileSync(fileURLToPath(new URL('../../docs/images/soak.svg', import.meta.url)), picture(samples));
  }
  process.exitCode = grown.length > 0 ? 1 : 0;
} finally {
  core.remove();
}

function megabytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1);
}
