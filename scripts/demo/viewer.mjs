import { spawnSync } from 'node:child_process';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { root, shop } from '../../testbed/src/paths.mjs';

/** The viewer keeps its data in node:sqlite, which Node has without a flag from 22.13 on. */
const nodeForViewer = 'node@24.21.0';

/** More than ten minutes of the demo's load. */
const keptTraces = '2000';

/** The Node that can run the viewer: this one, or one that npx fetches. */
export async function findNodeForViewer(processes) {
  if (isBuiltin('node:sqlite')) return process.execPath;
  try {
    return await fetchNode(processes);
  } catch (error) {
    throw new Error(
      `the viewer needs Node 22.13 or newer, this is ${process.version}, and ${error.message} Run the demo with a newer Node to turn the viewer on.`,
    );
  }
}

async function fetchNode(processes) {
  const npx = processes.start(
    `npx ${nodeForViewer}`,
    'npx',
    ['--yes', `--package=${nodeForViewer}`, '-c', 'node -p process.execPath'],
    { cwd: root, shell: process.platform === 'win32' },
  );
  await npx.succeeded();
  const path = npx.lines.findLast((line) => /[\\/]node(\.exe)?$/.test(line));
  if (!path || spawnSync(path, ['-e', 'require("node:sqlite")']).status !== 0) {
    throw new Error(`npx ${nodeForViewer} gave no Node that has node:sqlite.`);
  }
  return path;
}

/** An OTLP intake with a web page. */
export async function startViewer({ processes, node, port, folder }) {
  const packageFile = createRequire(join(shop, 'package.json')).resolve('autotel-devtools');
  const viewer = processes.start(
    'the viewer',
    node,
    [
      join(dirname(packageFile), 'cli.js'),
      ...['--port', String(port), '--grpc-port', '0', '--host', '127.0.0.1'],
      ...['--title', 'Throughline demo', '--max-traces', keptTraces],
    ],
    {
      // The page shows the lines of source that an error's stack names, from below this folder only.
      cwd: root,
      env: {
        ...withoutVariables(process.env, /^(AUTOTEL_|NODE_OPTIONS$)/),
        // What the page itself holds; beyond it, the link to a trace opens the list instead.
        AUTOTEL_MAX_TRACE_COUNT: keptTraces,
        AUTOTEL_MAX_LOG_COUNT: keptTraces,
      },
      logFile: join(folder, 'viewer.log'),
      graceMillis: 3_000,
    },
  );
  const url = await viewer.fromLine((line) => /^\s*UI:\s+(http:\S+)/.exec(line)?.[1]);
  const query = async (signal, text, limit = 50) => {
    const response = await fetch(`${url}/api/query/${signal}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: text, limit }),
      signal: AbortSignal.timeout(5_000),
    });
    const body = await response.json();
    if (!response.ok) throw new Error(`the viewer refused the query ${text}: ${JSON.stringify(body)}`);
    return body[signal];
  };
  return {
    url,
    ended: viewer.ended,
    stop: viewer.stop,
    traceUrl: (traceId) => `${url}/#trace=${traceId}`,
    /** Traces with a span that the query matches; the language is the one of the page's search field. */
    traces: (text) => query('traces', text),
    logs: (text) => query('logs', text),
  };
}

export function withoutVariables(environment, pattern) {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !pattern.test(name)));
}
