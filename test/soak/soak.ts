import { fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onLoopback } from '@throughline/testbed/otlp-intake';

/** What a service holds at one moment, after a collection of garbage. */
export interface Sample {
  readonly requests: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
  /** Timers, sockets that listen, and the like. */
  readonly handles: number;
  /** Listeners on `process`. */
  readonly listeners: number;
  /** Lines of a scrape. */
  readonly series: number;
  /** Requests that count as being in progress. */
  readonly active: number;
}

/** Paths differ in every request: nothing may grow with them. */
const kinds = ['ok', 'ok', 'ok', 'ok', 'error', 'call', 'unread', 'abort'] as const;
const concurrency = 24;
const flapMillis = 400;

/**
 * Loads a service with requests that succeed, fail, call, and are aborted by their clients, while its backend accepts,
 * refuses, hangs and breaks in turn.
 *
 * @param core folder with `@throughline/core` in its node_modules
 * @returns a sample after each of `sampleCount` equal parts of the requests
 */
export async function soak(
  core: string,
  requestCount: number,
  sampleCount: number,
): Promise<readonly Sample[]> {
  let exports = 0;
  const behaviour = () => Math.floor(Date.now() / flapMillis) % 5;
  const backend = await onLoopback(
    createServer((incoming, response) => {
      exports++;
      incoming.resume().on('end', () => {
        const now = behaviour();
        if (now === 1) response.writeHead(503).end();
        else if (now === 2) setTimeout(() => response.end(), 2_000).unref();
        else if (now === 3) incoming.socket.destroy();
        else response.end();
      });
    }),
  );
  const program = join(core, 'soak-service.cjs');
  copyFileSync(fileURLToPath(new URL('service.cjs', import.meta.url)), program);
  const service = fork(program, {
    execArgv: ['--expose-gc'],
    env: { ...process.env, NODE_OPTIONS: '', OTEL_EXPORTER_OTLP_ENDPOINT: backend.url },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  try {
    const [{ port }] = (await once(service, 'message')) as [{ port: number }];
    const samples: Sample[] = [];
    let sent = 0;
    for (let part = 1; part <= sampleCount; part++) {
      const until = Math.round((requestCount * part) / sampleCount);
      const work = async () => {
        while (sent < until) await ask(port, sent++, agent);
      };
      await Promise.all(Array.from({ length: concurrency }, work));
      service.send('sample');
      const [{ sample }] = (await once(service, 'message')) as [{ sample: Omit<Sample, 'requests'> }];
      samples.push({ requests: sent, ...sample });
    }
    if (exports === 0) throw new Error('nothing was exported');
    return samples;
  } finally {
    agent.destroy();
    if (service.connected) service.disconnect();
    await backend.stop();
  }
}

function ask(port: number, index: number, agent: Agent): Promise<void> {
  const kind = kinds[index % kinds.length] as (typeof kinds)[number];
  const path = `/${kind === 'abort' ? 'slow' : kind}/${index}?token=${index}`;
  return new Promise((resolve) => {
    const call = request({ host: '127.0.0.1', port, path, agent }, (response) => {
      response.resume().on('close', resolve);
    });
    call.on('error', () => resolve());
    call.end();
    if (kind === 'abort') setTimeout(() => call.destroy(), 5);
  });
}

/** What has grown although the load stayed the same; nothing if all is flat after the warm-up. */
export function growth(samples: readonly Sample[]): string[] {
  const warm = samples.slice(Math.ceil(samples.length / 4));
  const third = Math.max(1, Math.floor(warm.length / 3));
  const medianOf = (some: readonly Sample[], member: keyof Sample) =>
    some.map((sample) => sample[member]).sort((a, b) => a - b)[Math.floor(some.length / 2)] as number;
  /** By how much a figure may differ between the first and the last third. */
  const bounds = {
    heapBytes: (first: number) => first * 0.15 + 4_000_000,
    rssBytes: (first: number) => first * 0.2 + 20_000_000,
    handles: () => 5,
    listeners: () => 0,
    // Kinds of open resources come and go. A kind of failed export brings its series whenever it is seen first.
    series: () => 60,
  } as const;
  const grown = Object.entries(bounds).flatMap(([member, allowed]) => {
    const first = medianOf(warm.slice(0, third), member as keyof Sample);
    const last = medianOf(warm.slice(-third), member as keyof Sample);
    return last - first > allowed(first) ? [`${member} went from ${first} to ${last}`] : [];
  });
  const last = samples.at(-1);
  // Those whose clients have left a moment ago may still wait for their timers.
  if (last && last.active > concurrency) grown.push(`${last.active} requests are counted as active`);
  return grown;
}
