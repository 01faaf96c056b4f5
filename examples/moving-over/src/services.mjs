import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * Starts one service and waits until it listens.
 *
 * @param {string} a file in this folder, for example `web.mjs`
 * @param {Record<string, string>} env
 */
export async function startService(file, env = {}) {
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      THROUGHLINE_SDK_LINES: 'stdout',
      ...env,
    },
  });
  const lines = [];
  const output = createInterface({ input: child.stdout });
  const portOf = (name, matches) =>
    new Promise((resolve, reject) => {
      output.on('line', (text) => {
        const line = JSON.parse(text);
        if (matches(line)) resolve(line[name]);
      });
      child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
    });
  output.on('line', (text) => lines.push(JSON.parse(text)));
  const listening = portOf('port', ({ message }) => message === 'listening');
  const metrics = portOf('metrics_port', (line) => 'metrics_port' in line);
  // A service that has not moved has no metrics endpoint.
  metrics.catch(() => {});
  return {
    url: `http://127.0.0.1:${await listening}`,
    /** Log lines so far, parsed. */
    lines,
    /** The counter of incoming old headers, by source. */
    async oldHeaders() {
      const text = await (await fetch(`http://127.0.0.1:${await metrics}/metrics`)).text();
      const series = text.matchAll(
        /^throughline_legacy_trace_headers_total\{direction="in",source="([^"]*)".*\} (\d+)/gm,
      );
      return Object.fromEntries([...series].map(([, source, count]) => [source, Number(count)]));
    },
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** Starts web → orders → stock; `moved` says whether orders has moved. */
export async function startShop({ moved = false, env = {} } = {}) {
  const stock = await startService('stock.mjs', env);
  const orders = await startService(moved ? 'orders-moved.mjs' : 'orders.mjs', {
    ...env,
    STOCK_URL: stock.url,
  });
  const web = await startService('web.mjs', { ...env, ORDERS_URL: orders.url });
  return {
    web,
    orders,
    stock,
    stop: () => Promise.all([web, orders, stock].map((service) => service.stop())),
  };
}
