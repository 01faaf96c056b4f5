import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { slots } from './customer-state.mjs';

const own = (name) => new URL(name, import.meta.url);
const modules = { k6: own('k6.mjs').href, 'k6/http': own('k6-http.mjs').href };

/**
 * Runs a load script that is written for k6 until it is stopped, with a generator of our own: k6 is under the AGPL, so
 * it is not built here. The generator has what the stack's script uses: the modules `k6` (`check`, `sleep`) and
 * `k6/http` (`get`, `post`), `__ENV`, `__VU` and `__ITER`. The environment sets the number of customers.
 *
 * @param {object} options
 * @param {string} options.folder keeps a copy of the script
 * @param {string} options.script
 * @param {Record<string, string>} options.environment what the script reads from `__ENV`
 * @returns {{ stop: () => Promise<{ name: string, passes: number, fails: number }[]> }} `stop` lets the customers end
 *   their round, and gives the script's own checks and how often they held. It rejects where the script has failed
 */
export function startLoad({ folder, script, environment }) {
  const copy = join(mkdtempSync(join(folder, 'load-')), 'script.mjs');
  writeFileSync(copy, withLoadModules(readFileSync(script, 'utf8')));
  const customers = Array.from({ length: Number(environment.CUSTOMERS ?? 1) }, (_, index) =>
    startCustomer({ script: pathToFileURL(copy).href, environment, number: index + 1 }),
  );
  return {
    async stop() {
      for (const { end } of customers) end();
      const counts = new Map();
      for (const checks of await Promise.all(customers.map(({ finished }) => finished))) {
        for (const { name, passes, fails } of checks) {
          const count = counts.get(name) ?? { name, passes: 0, fails: 0 };
          counts.set(name, { name, passes: count.passes + passes, fails: count.fails + fails });
        }
      }
      return [...counts.values()];
    },
  };
}

/** @throws for a module of k6 that the generator does not have */
function withLoadModules(text) {
  return text.replace(/(from\s+)(['"])(k6[^'"]*)\2/g, (_, from, _quote, name) => {
    if (!(name in modules))
      throw new Error(
        `The load script imports ${name}; the generator has ${Object.keys(modules).join(', ')}.`,
      );
    return `${from}'${modules[name]}'`;
  });
}

function startCustomer({ script, environment, number }) {
  const buffer = new SharedArrayBuffer(8);
  const shared = new Int32Array(buffer);
  const worker = new Worker(own('customer.mjs'), {
    workerData: { shared: buffer, script, environment, number },
  });
  const finished = new Promise((resolve, reject) => {
    worker.on('message', async ({ request, checks }) => {
      if (checks) resolve(checks);
      if (!request) return;
      Atomics.store(shared, slots.status, await send(request));
      Atomics.notify(shared, slots.status);
    });
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('A customer ended without its checks.')));
  });
  // It is awaited at the end of the load.
  finished.catch(() => {});
  return {
    finished,
    end() {
      Atomics.store(shared, slots.isOver, 1);
      Atomics.notify(shared, slots.isOver);
    },
  };
}

async function send({ method, url, body, headers, timeoutMillis }) {
  try {
    const response = await fetch(url, { method, body, headers, signal: AbortSignal.timeout(timeoutMillis) });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}
