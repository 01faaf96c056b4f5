import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onLoopback } from '@throughline/testbed/otlp-intake';

/** What a service holds at one moment, after a collection of garbage. */
export interface Sample {
  readonly requests: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
  /** What V8 knows of outside of its heap. */
  readonly externalBytes: number;
  /** The part of it that is buffers. */
  readonly arrayBufferBytes: number;
  /** Timers, sockets that listen, and the like. */
  readonly handles: number;
  /** Listeners on `process`, the server and the agent for outgoing requests. */
  readonly listeners: number;
  /** Lines of a scrape. */
  readonly series: number;
  /** Requests that count as being in progress. */
  readonly active: number;
}

export interface SoakOptions {
  /** Folder with `@throughline/core` in its node_modules. */
  readonly core: string;
  readonly requestCount: number;
  /** A sample is taken after each of so many equal parts of the requests. */
  readonly sampleCount: number;
  /** The same service without Throughline. Default: false */
  readonly isBare?: boolean;
  readonly onSample?: (sample: Sample) => void;
}

const clientCount = 24;
const flapMillis = 400;

/**
 * Loads a service with requests that succeed, fail, call, and are aborted by their clients, while its backend accepts,
 * refuses, hangs and breaks in turn. The service and its clients are processes of their own.
 */
export async function soak(options: SoakOptions): Promise<readonly Sample[]> {
  const { core, requestCount, sampleCount, isBare = false } = options;
  const backend = await flappingBackend();
  const program = join(core, 'soak-service.cjs');
  copyFileSync(fileURLToPath(new URL('service.cjs', import.meta.url)), program);
  const service = fork(program, {
    execArgv: ['--expose-gc'],
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
      ...(isBare ? { SOAK_BARE: '1' } : {}),
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  try {
    const { port } = await answerOf<{ port: number }>(service);
    const clients = fork(
      fileURLToPath(new URL('clients.mjs', import.meta.url)),
      [String(port), String(clientCount)],
      { execArgv: [], env: { ...process.env, NODE_OPTIONS: '' } },
    );
    try {
      const samples: Sample[] = [];
      for (let part = 1; part <= sampleCount; part++) {
        clients.send({ until: Math.round((requestCount * part) / sampleCount) });
        const { sent, failed } = await answerOf<{ sent: number; failed: number }>(clients);
        if (failed > 0) throw new Error(`${failed} requests had the wrong answer`);
        service.send('sample');
        const { sample } = await answerOf<{ sample: Omit<Sample, 'requests'> }>(service);
        samples.push({ requests: sent, ...sample });
        options.onSample?.({ requests: sent, ...sample });
      }
      if (!isBare && backend.exportCount() === 0) throw new Error('nothing was exported');
      return samples;
    } finally {
      clients.kill();
    }
  } finally {
    service.kill();
    await backend.stop();
  }
}

/** The next message of a process; an error if it ends instead. */
async function answerOf<T>(from: ChildProcess): Promise<T> {
  const ended = new AbortController();
  const { signal } = ended;
  try {
    return await Promise.race([
      once(from, 'message', { signal }).then(([message]) => message as T),
      once(from, 'exit', { signal }).then(([code, by]) => {
        throw new Error(`a process of the soak ended with ${code ?? by}`);
      }),
    ]);
  } finally {
    ended.abort();
  }
}

async function flappingBackend() {
  let exportCount = 0;
  const { url, stop } = await onLoopback(
    createServer((incoming, response) => {
      exportCount++;
      incoming.resume().on('end', () => {
        const behaviour = Math.floor(Date.now() / flapMillis) % 5;
        if (behaviour === 1) response.writeHead(503).end();
        else if (behaviour === 2) setTimeout(() => response.end(), 2_000).unref();
        else if (behaviour === 3) incoming.socket.destroy();
        else response.end();
      });
    }),
  );
  return { url, stop, exportCount: () => exportCount };
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
  if (last && last.active > clientCount) grown.push(`${last.active} requests are counted as active`);
  return grown;
}
