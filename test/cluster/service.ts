import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { anyFreePort } from '@throughline/testbed/ports';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { type ExposedSample, parseExposition } from '../../packages/cli/src/metrics/parse-exposition.js';

/** What the processes of a service under test say: an answer to a call, or news. */
interface Said {
  readonly call?: string;
  readonly worker?: number;
  readonly result?: unknown;
  readonly up?: boolean;
  readonly exit?: number;
  readonly blocking?: boolean;
}

/** What killed services leave behind goes with the tests. */
const folder = temporaryFolder();
const running = new Set<ChildProcess>();

export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** A service with workers or threads as real processes, and one place to scrape. */
export async function startService(
  file: string,
  env: Readonly<Record<string, string>> = {},
  options: { readonly uid?: number } = {},
) {
  const port = await anyFreePort();
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      PATH: process.env.PATH,
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      TMPDIR: folder,
      ...env,
    },
    ...options,
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  const heard: Said[] = [];
  const listeners = new Set<() => void>();
  child.on('message', (message: Said) => {
    heard.push(message);
    for (const look of [...listeners]) look();
  });

  /** Waits for news, and takes it out of the box. */
  function hear(matches: (said: Said) => boolean): Promise<Said> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const index = heard.findIndex(matches);
        if (index === -1) return;
        clearTimeout(timer);
        listeners.delete(look);
        resolve(heard.splice(index, 1)[0] as Said);
      };
      const timer = setTimeout(() => {
        listeners.delete(look);
        reject(new Error(`Nothing came: ${matches}\n${output}`));
      }, 20_000);
      listeners.add(look);
      look();
    });
  }

  async function call(name: string, value?: unknown, worker?: number): Promise<unknown> {
    child.send({ call: name, value, ...(worker === undefined ? {} : { worker }) });
    return (await hear((said) => said.call === name && said.worker === worker && 'result' in said)).result;
  }

  const url = `http://127.0.0.1:${port}`;
  const scrape = async (from = `${url}/metrics`) => {
    const answer = await fetch(from, { headers: { accept: 'application/openmetrics-text' } });
    if (answer.status !== 200) throw new Error(`status ${answer.status}`);
    return new Scrape(await answer.text());
  };

  await hear((said) => said.up === true);
  return {
    url,
    call,
    hear,
    scrape,
    output: () => output,
    /** A new worker or thread, ready to work. @returns its id */
    async fork(): Promise<number> {
      const id = (await call('fork')) as number;
      await hear((said) => said.call === 'ready' && said.worker === id);
      return id;
    },
    async kill(id: number, signal = 'SIGKILL'): Promise<void> {
      child.send({ call: 'kill', value: { id, signal } });
      await hear((said) => said.exit === id);
    },
    work: (times: number, worker: number) => call('work', times, worker),
    async stop(): Promise<void> {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** One answer to a scrape. */
export class Scrape {
  readonly samples: readonly ExposedSample[];

  constructor(readonly text: string) {
    this.samples = parseExposition(text).flatMap(({ samples }) => samples);
  }

  /** The samples of a metric by its label `worker`; those without one under ''. */
  byWorker(name: string): Record<string, number> {
    const found = this.samples.filter((sample) => sample.name === name);
    return Object.fromEntries(found.map(({ labels, value }) => [labels.worker ?? '', value]));
  }

  value(name: string): number | undefined {
    return this.samples.find((sample) => sample.name === name)?.value;
  }

  /** Everything that may only rise, by its series. */
  totals(): Map<string, number> {
    return new Map(
      this.samples
        .filter(({ name, labels }) => /_(total|bucket|sum|count)$/.test(name) && labels.worker === undefined)
        .map(({ name, labels, value }) => [`${name}${JSON.stringify(labels)}`, value]),
    );
  }
}

/** The series that were higher before. */
export function fallen(before: Scrape, after: Scrape): string[] {
  const totals = after.totals();
  return [...before.totals()]
    .filter(([series, value]) => !((totals.get(series) ?? 0) >= value))
    .map(([series, value]) => `${series} ${value} -> ${totals.get(series)}`);
}
