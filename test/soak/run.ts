/*
 * A service under load for long, and what it holds meanwhile, beside the same service without Throughline. Draws
 * docs/images/soak.svg.
 *
 *   npm run soak                  a million requests
 *   npm run soak -- 50000         fewer; without a picture
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildCore } from '../../packages/core/test/built-core.js';
import { picture } from './picture.js';
import { growth, type Sample, soak } from './soak.js';

const given = process.argv[2];
const requestCount = Number(given ?? 1_000_000);
const built = await buildCore('soak-run');

async function run(isBare: boolean): Promise<readonly Sample[]> {
  const startMillis = Date.now();
  const samples = await soak({
    core: built.folder,
    requestCount,
    sampleCount: 40,
    isBare,
    onSample: (sample) => console.log(shown(sample)),
  });
  const seconds = (Date.now() - startMillis) / 1000;
  const service = isBare ? 'without Throughline' : 'with Throughline';
  console.log(`${service}: ${requestCount} requests in ${Math.round(seconds)} s`);
  return samples;
}

try {
  const bare = await run(true);
  const observed = await run(false);
  const grown = growth(observed);
  for (const line of grown) console.log(`GROWN ${line}`);
  if (given === undefined) {
    writeFileSync(
      fileURLToPath(new URL('../../docs/images/soak.svg', import.meta.url)),
      picture(observed, bare),
    );
  }
  process.exitCode = grown.length > 0 ? 1 : 0;
} finally {
  built.remove();
}

function shown(sample: Sample): string {
  const { requests, handles, listeners, series, active } = sample;
  const memory = [
    ['heap', sample.heapBytes],
    ['RSS', sample.rssBytes],
    ['external', sample.externalBytes],
    ['array buffers', sample.arrayBufferBytes],
  ] as const;
  const megabytes = memory.map(([name, bytes]) => `${name} ${(bytes / 1_048_576).toFixed(1)} MB`);
  return `${requests} requests: ${megabytes.join(', ')}, ${handles} handles, ${listeners} listeners, ${series} series, ${active} active`;
}
