import { join } from 'node:path';
import { shop } from '../../testbed/src/paths.mjs';
import { withoutVariables } from './page.mjs';

/** Starts one service of the shop, as `npm run start:<name>` would, and waits until it listens. */
export async function startService({
  processes,
  folder,
  name,
  port,
  metricsPort,
  otlpUrl,
  controlToken,
  environment,
}) {
  const service = processes.start(
    name,
    process.execPath,
    ['--enable-source-maps', join(shop, 'dist', name, 'main.js')],
    {
      cwd: shop,
      env: {
        // Settings of the person's own services are not the shop's.
        ...withoutVariables(process.env, /^(OTEL_|LOG_LEVEL$|PORT$|HOST$)/),
        HOST: '127.0.0.1',
        PORT: String(port),
        OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
        OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
        OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
        THROUGHLINE_CONTROL_TOKEN: controlToken,
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=demo',
        // What happens shows on the page at once.
        OTEL_BSP_SCHEDULE_DELAY: '300',
        OTEL_BLRP_SCHEDULE_DELAY: '300',
        // Without the page, the last export must not hold up the end.
        OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
        ...environment,
      },
      logFile: join(folder, `${name}.log`),
    },
  );
  const listening = await service.fromLine((line) => fieldOfLine(line, 'Listening.', 'port'));
  const metrics = await service.fromLine((line) => fieldOfLine(line, 'Throughline is on.', 'metrics_port'));
  return {
    name,
    url: `http://127.0.0.1:${listening}`,
    metricsUrl: `http://127.0.0.1:${metrics}/metrics`,
    ended: service.ended,
    lines: service.lines,
    stop: service.stop,
    /** Its log lines on stdout. */
    logLines: () => service.lines.map(parseLine).filter((line) => line !== undefined),
    scrape: async () => {
      const response = await fetch(`http://127.0.0.1:${metrics}/metrics`, {
        headers: { accept: 'application/openmetrics-text' },
        signal: AbortSignal.timeout(5_000),
      });
      return { contentType: response.headers.get('content-type') ?? '', text: await response.text() };
    },
  };
}

function fieldOfLine(text, message, field) {
  const line = parseLine(text);
  return line?.message === message ? line[field] : undefined;
}

function parseLine(text) {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
