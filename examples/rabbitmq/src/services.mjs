import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * Starts requester and recorder as separate processes, and waits until both are ready.
 *
 * @param {object} options
 * @param options.processes the result of `createProcesses` in testbed/src/processes.mjs
 * @param {Record<string, string>} options.env RABBITMQ_URL, MYSQL_URL and OTEL_EXPORTER_OTLP_ENDPOINT
 * @param {string} [options.folder] the folder of the sources
 * @param {'mjs' | 'cjs'} [options.extension] extension of the sources
 */
export async function startServices({ processes, env, folder = here, extension = 'mjs' }) {
  const start = async (name) => {
    const service = processes.start(name, process.execPath, [`${name}.${extension}`], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        PORT: '0',
        OTEL_EXPORTER_PROMETHEUS_PORT: '0',
        OTEL_BSP_SCHEDULE_DELAY: '100',
        ...env,
      },
    });
    const fieldOf = (field) => service.fromLine((text) => parse(text)?.[field]);
    const endpoint = `http://127.0.0.1:${await fieldOf('metrics_port')}`;
    await ready(`${endpoint}/readyz`, service);
    return {
      fieldOf,
      metricsUrl: `${endpoint}/metrics`,
      isRunning: service.isRunning,
      /** The log lines of the service so far. @returns {Record<string, any>[]} */
      lines: () => service.lines.map(parse).filter((line) => line !== undefined),
      stop: service.stop,
    };
  };
  const [requester, recorder] = await Promise.all([start('requester'), start('recorder')]);
  const url = `http://127.0.0.1:${await requester.fieldOf('port')}/requests`;
  return {
    requester,
    recorder,
    /** Requests an item from the requester. */
    request: (item) =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ item }),
      }),
    stop: () => Promise.all([requester.stop(), recorder.stop()]),
  };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function ready(url, service) {
  while (service.isRunning()) {
    const response = await fetch(url);
    await response.text();
    if (response.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(['a service ended:', ...service.lines.slice(-10)].join('\n'));
}
