/*
 * What `process.nextTick` costs before and after full garbage collections, without and with Throughline, which keeps one
 * of the objects that Node makes for it. Build first: npm run build.
 *
 *   node bench/next-tick.mjs
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const callsPerRound = 20_000;
const rounds = 12;
const collections = 6;

if (process.argv[2] === undefined) {
  console.log(`Node ${process.version}, least of ${rounds} rounds of ${callsPerRound} calls`);
  for (const variant of ['bare', 'throughline']) {
    spawnSync(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url), variant], {
      stdio: 'inherit',
    });
  }
} else {
  await measure(process.argv[2]);
  process.exit();
}

async function measure(variant) {
  if (variant === 'throughline') {
    createRequire(import.meta.url)('@throughline/core').initObservability({
      serviceName: 'bench',
      metrics: { endpoint: false },
      logs: { level: 'error' },
    });
  }
  const first = await nanosPerCall();
  for (let i = 0; i < collections; i++) {
    // No tick waits while a collection runs.
    await sleep(20);
    globalThis.gc();
  }
  await sleep(20);
  const last = await nanosPerCall();
  console.log(
    `${variant.padEnd(12)} ${first.toFixed(0)} ns per call, ${last.toFixed(0)} ns after ${collections} full collections`,
  );
}

async function nanosPerCall() {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint();
    await new Promise((resolve) => {
      let left = callsPerRound;
      const call = () => {
        if (--left === 0) resolve();
        else process.nextTick(call);
      };
      call();
    });
    least = Math.min(least, Number(process.hrtime.bigint() - start) / callsPerRound);
  }
  return least;
}
