import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { page } from '@throughline/core/internal';
import { readSource } from '../scan/code/source-files.js';
import type { Entry } from './service/entry.js';
import { startedBy } from './service/start-command.js';

/** What to add to a file by hand. */
export interface DeploymentHint {
  readonly file: string;
  readonly lines: readonly string[];
}

export interface Deployed {
  /** Folder of the service. */
  readonly folder: string;
  /** Root of its workspace or the folder itself: files there are looked at too. */
  readonly root: string;
  readonly entry: Entry;
  readonly configFile: string;
}

const maxYamlFiles = 400;
const endpoint = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const flag = '--import @throughline/core/register';

/** What the files that run the service in production need. None of them is changed. */
export function deploymentHints(deployed: Deployed): DeploymentHint[] {
  const { folder, root } = deployed;
  const files = [...new Set([folder, root])].flatMap((each) => filesIn(each, each === root ? 4 : 1));
  return [...new Set(files)].flatMap((path) => {
    const text = textOf(path);
    if (text === undefined) return [];
    const lines = linesFor(path.split(sep).at(-1) ?? '', text, deployed);
    return lines.length > 0 ? [{ file: relative(folder, path).split(sep).join('/'), lines }] : [];
  });
}

function linesFor(name: string, text: string, deployed: Deployed): readonly string[] {
  if (/^Dockerfile(?:\.|$)|\.Dockerfile$/.test(name)) return dockerfileLines(text, deployed);
  if (/^(?:docker-)?compose(?:\.[\w-]+)*\.ya?ml$/.test(name)) return composeLines;
  if (name === 'Procfile') return procfileLines(text, deployed);
  if (/^ecosystem\.config\.[cm]?js$/.test(name)) return pm2Lines(deployed);
  if (/^kind:\s*(?:Deployment|StatefulSet|DaemonSet|Rollout)\b/m.test(text)) return kubernetesLines(deployed);
  if (/^kind:\s*(?:Job|CronJob)\b/m.test(text)) {
    return [`env: ${endpoint}=http://<collector>:4318 (${page('jobs.md')}, ${page('short-lived.md')})`];
  }
  return [];
}

function dockerfileLines(text: string, { folder, root, entry, configFile }: Deployed): string[] {
  const instructions = text.replace(/\\\r?\n/g, ' ').split(/\r?\n/);
  const lastFrom = instructions.findLastIndex((line) => /^\s*FROM\s/i.test(line));
  const stage = instructions.slice(Math.max(lastFrom, 0));
  const commands = stage.flatMap((line) => {
    const [, command] = /^\s*(?:CMD|ENTRYPOINT)\s+(.*)$/i.exec(line) ?? [];
    if (command === undefined) return [];
    const words = wordsOf(command);
    const [started] = startedBy(words);
    return [{ words, started }];
  });
  const lines: string[] = [];
  const inRoot = relative(root, folder).split(sep).join('/');
  if (!stage.some((line) => copiesConfig(line, configFile, inRoot))) {
    const isInRoot = commands.some(
      ({ started }) =>
        inRoot !== '' && started?.kind === 'file' && plain(started.file).startsWith(`${inRoot}/`),
    );
    const files = isInRoot ? `${inRoot}/${configFile} ${inRoot}/` : `${configFile} ./`;
    lines.push(
      `COPY ${files}    # next to the package.json of the service; the last stage copies only parts`,
    );
  }
  lines.push('EXPOSE 9464    # /metrics, /livez and /readyz', `ENV ${endpoint}=http://<collector>:4318`);
  for (const { words, started } of commands) {
    if (started?.kind === 'script' || /^(?:npm|yarn|pnpm)\b/.test(words)) {
      lines.push(
        `CMD: let the script be \`exec node …\`, so that SIGTERM reaches the service (${page('short-lived.md')})`,
      );
    }
    if (
      entry.kind === 'flag' &&
      started?.kind === 'file' &&
      started.afterNode !== undefined &&
      !words.includes('@throughline/core/register')
    ) {
      lines.push(`CMD ${withFlag(words, started.afterNode)}`);
    }
  }
  return lines;
}

const plain = (path: string) => path.replace(/^(?:\.\/)+|\/+$/g, '');

/**
 * `COPY . .`, a copy of the service's folder, or of the whole folder of an earlier stage.
 *
 * @param inRoot the service's folder in its workspace
 */
function copiesConfig(line: string, configFile: string, inRoot: string): boolean {
  const [, words = ''] = /^\s*(?:COPY|ADD)\s+(.*)$/i.exec(line) ?? [];
  if (words.includes(configFile)) return true;
  const paths = words.split(/\s+/).filter((word) => word !== '' && !word.startsWith('--'));
  const sources = paths.slice(0, -1);
  const isFromStage = /--from=/.test(words);
  return sources.some(
    (path) =>
      /^\.\/?$|^\*$|throughline\.config|^\*\.m?js$/.test(path) ||
      (!isFromStage && inRoot !== '' && `${inRoot}/`.startsWith(`${plain(path)}/`)) ||
      (isFromStage &&
        /^(?:\/[\w-]+){1,4}\/?$/.test(path) &&
        !/\/(?:dist|build|out|lib|node_modules|prisma|public)\/?$/.test(path)),
  );
}

/** `["node", "a.js"]` and `node a.js` as the second. */
function wordsOf(command: string): string {
  if (!command.trim().startsWith('[')) return command;
  try {
    const words: unknown = JSON.parse(command);
    return Array.isArray(words) ? words.join(' ') : command;
  } catch {
    return command;
  }
}

const withFlag = (command: string, at: number) => `${command.slice(0, at)} ${flag}${command.slice(at)}`;

const composeLines: readonly string[] = [
  'environment:',
  `  ${endpoint}: http://<collector>:4318`,
  '  OTEL_RESOURCE_ATTRIBUTES: deployment.environment.name=<environment>',
  "expose: ['9464']    # /metrics, for a Prometheus in the same network",
];

function procfileLines(text: string, { entry }: Deployed): string[] {
  const lines = [
    `environment: ${endpoint}=https://<collector>, and OTEL_METRICS_EXPORTER=otlp where nothing can scrape :9464`,
  ];
  if (entry.kind === 'line') return lines;
  for (const line of text.split(/\r?\n/)) {
    const [, type, command = ''] = /^(\w+):\s*(.+)$/.exec(line) ?? [];
    const started = startedBy(command).find((each) => each.kind === 'file');
    if (
      started?.kind === 'file' &&
      started.afterNode !== undefined &&
      !command.includes('@throughline/core')
    ) {
      lines.push(`${type}: ${withFlag(command, started.afterNode)}`);
    }
  }
  return lines;
}

function pm2Lines({ entry }: Deployed): string[] {
  return [
    `env: { ${endpoint}: 'http://<collector>:4318' }`,
    'each app on a host needs its own OTEL_EXPORTER_PROMETHEUS_PORT',
    ...(entry.kind === 'flag' ? [`node_args: '${flag}'`] : []),
  ];
}

function kubernetesLines({ entry }: Deployed): string[] {
  return [
    'metadata.annotations of the pod, if Prometheus looks for them:',
    "  prometheus.io/scrape: 'true'",
    "  prometheus.io/port: '9464'",
    '  prometheus.io/path: /metrics',
    'ports: [{ name: telemetry, containerPort: 9464 }]',
    `env: ${endpoint}, OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=<environment> (${page('kubernetes.md')})`,
    ...(entry.kind === 'flag' ? [`command: if it starts node itself, add \`${flag}\` after node`] : []),
  ];
}

function filesIn(folder: string, depth: number): string[] {
  const found: string[] = [];
  const visit = (at: string, left: number) => {
    let entries: import('node:fs').Dirent[];
    try {
      entries = readdirSync(at, { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) {
        if (
          left > 0 &&
          !entry.name.startsWith('.') &&
          !/^(?:node_modules|dist|build|out|coverage|test|tests)$/.test(entry.name)
        )
          visit(path, left - 1);
      } else if (
        /^Dockerfile|\.Dockerfile$|^Procfile$|^ecosystem\.config\./.test(entry.name)
          ? at === folder || /docker|deploy/i.test(at)
          : /\.ya?ml$/.test(entry.name)
      ) {
        if (found.length < maxYamlFiles) found.push(path);
      }
    }
  };
  visit(folder, depth);
  return found.sort();
}

function textOf(path: string): string | undefined {
  try {
    return readSource(path);
  } catch {
    return undefined;
  }
}
