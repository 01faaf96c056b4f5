import { join } from 'node:path';
import { root } from '../../testbed/src/paths.mjs';

/**
 * The page of `throughline dev`, which takes OTLP and reads the metrics of the services.
 *
 * @param metricsUrls the metrics endpoints of the services, which may start later
 * @param controlToken of the services, for their diagnosis
 */
export async function startPage({ processes, port, folder, metricsUrls, controlToken }) {
  const page = processes.start(
    'the page',
    process.execPath,
    [
      join(root, 'packages/cli/bin/throughline.js'),
      ...['dev', '--port', String(port), ...metricsUrls.flatMap((url) => ['--scrape', url])],
    ],
    {
      cwd: root,
      env: {
        ...withoutVariables(process.env, /^(OTEL_|NODE_OPTIONS$)/),
        THROUGHLINE_CONTROL_TOKEN: controlToken,
      },
      logFile: join(folder, 'page.log'),
      graceMillis: 3_000,
    },
  );
  const link = await page.fromLine((line) => /http:\S+token=\S+/.exec(line)?.[0]);
  const { origin: url, searchParams } = new URL(link);
  const headers = { authorization: `Bearer ${searchParams.get('token')}` };
  const ask = async (path) => {
    const response = await fetch(`${url}/api/${path}`, { headers, signal: AbortSignal.timeout(5_000) });
    const body = await response.json();
    if (!response.ok) throw new Error(`the page refused ${path}: ${JSON.stringify(body)}`);
    return body;
  };
  return {
    /** Where OTLP is taken. */
    url,
    /** The address of the page, with its token. */
    link,
    ended: page.ended,
    stop: page.stop,
    traceUrl: (traceId) => `${link}#/trace/${traceId}`,
    ask,
    /** Traces with a span that has this attribute, each with all of its spans. */
    async tracesWith(name, value) {
      const traces = await ask(`traces?${new URLSearchParams({ q: `${name}="${value}"`, limit: '50' })}`);
      return Promise.all(
        traces.map(async ({ traceId }) => ({
          traceId,
          spans: await ask(`traces/${traceId}/spans?limit=1000`),
        })),
      );
    },
    /** Whether this trace has arrived. */
    hasTrace: (traceId) =>
      ask(`traces/${traceId}`).then(
        () => true,
        () => false,
      ),
    linesOf: async (traceId) => (await ask(`lines?trace=${traceId}`)).lines,
  };
}

export function withoutVariables(environment, pattern) {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !pattern.test(name)));
}
