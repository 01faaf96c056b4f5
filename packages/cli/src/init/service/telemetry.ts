import { relative, sep } from 'node:path';
import { agents } from '@throughline/core/internal';
import { listSourceFiles, readSource } from '../../scan/code/source-files.js';
import { namedPackages, type PackageFile } from './package-file.js';

/** What the service has of telemetry before `init`. */
export interface ExistingTelemetry {
  /** Where Throughline is started: a file, or a script of package.json. */
  readonly started: readonly string[];
  /** Whether that is a call of `initObservability`, which has its options in code. */
  readonly isCalledInCode: boolean;
  /** Where other agents are started. */
  readonly agentStarts: readonly { readonly agent: string; readonly where: string }[];
  /** Other agents that are only named in package.json. */
  readonly agentPackages: readonly string[];
}

/** Files beyond this number are not searched. */
const maxFiles = 5_000;

const ours = /@throughline\/core\/register|\binitObservability\s*\(/;
const register = '@throughline/core/register';

/** Searches the sources and the scripts of a service. */
export function findTelemetry(file: PackageFile): ExistingTelemetry {
  const started: string[] = [];
  const agentStarts: { agent: string; where: string }[] = [];
  for (const [name, script] of Object.entries(file.json.scripts ?? {})) {
    const where = `scripts.${name} in package.json`;
    if (script.includes(register)) started.push(where);
    for (const agent of agentsIn(script, scriptStart)) agentStarts.push({ agent, where });
  }
  const packages = namedPackages(file.json);
  const agentPackages = agents.filter(
    (name) => Object.hasOwn(packages, name) && !agentStarts.some(({ agent }) => agent === name),
  );
  let found: ExistingTelemetry = { started, isCalledInCode: false, agentStarts, agentPackages };
  for (const path of listSourceFiles(file.folder).slice(0, maxFiles)) {
    const where = relative(file.folder, path).split(sep).join('/');
    if (!/(?:^|\/)(?:__tests__|tests?)\/|\.(?:test|spec)\./.test(where)) found = withFile(found, path, where);
  }
  return found;
}

/** Adds what a file has. The entry may be one that a search of sources leaves out, such as bin/www. */
export function withFile(found: ExistingTelemetry, path: string, where: string): ExistingTelemetry {
  const text = textOf(path);
  if (text === undefined || found.started.includes(where)) return found;
  const isStart = text.includes('@throughline/core') && ours.test(text);
  const other = agentsIn(text, codeStart).filter(
    (agent) => !found.agentStarts.some((each) => each.agent === agent && each.where === where),
  );
  return {
    started: isStart ? [...found.started, where] : found.started,
    isCalledInCode: found.isCalledInCode || (isStart && /\binitObservability\s*\(/.test(text)),
    agentStarts: [...found.agentStarts, ...other.map((agent) => ({ agent, where }))],
    agentPackages: found.agentPackages.filter((name) => !other.includes(name)),
  };
}

/** A file that cannot be read is not the one that starts an agent. */
function textOf(path: string): string | undefined {
  try {
    return readSource(path);
  } catch {
    return undefined;
  }
}

type Start = (agent: string) => RegExp;

/** Agents of which importing them is not starting them. */
const startCalls: Readonly<Record<string, RegExp>> = {
  'dd-trace':
    /\btracer\.init\(|['"]dd-trace\/init|require\(\s*['"]dd-trace['"]\s*\)\s*\.init\(|from\s+['"]dd-trace['"][\s\S]*\.init\(/,
  '@sentry/node': /\bSentry\.init\(|\binit\(\s*\{[^}]*\bdsn\b/,
  '@opentelemetry/sdk-node': /new\s+(?:\w+\.)?NodeSDK\(/,
  'elastic-apm-node': /elastic-apm-node['"]\s*\)\s*\.start\(|\bapm\.start\(|elastic-apm-node\/start/,
  applicationinsights: /\.setup\(|useAzureMonitor\(/,
  '@splunk/otel': /\bstart\(/,
};

function codeStart(agent: string): RegExp {
  return startCalls[agent] ?? new RegExp(`(?:require\\(|import\\s*\\(?|from)\\s*['"]${agent}['"]`);
}

function scriptStart(agent: string): RegExp {
  return new RegExp(`(?:-r|--require|--import|--loader)[ =]${agent}(?:[/\\s]|$)`);
}

function agentsIn(text: string, start: Start): string[] {
  const extra = text.includes('@opentelemetry/auto-instrumentations-node/register')
    ? ['@opentelemetry/sdk-node']
    : [];
  return [...extra, ...agents.filter((agent) => text.includes(agent) && start(agent).test(text))];
}
