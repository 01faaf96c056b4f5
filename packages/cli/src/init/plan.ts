import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { page } from '@throughline/core/internal';
import { CommandError } from '../command-line/errors.js';
import { version } from '../command-line/version.js';
import {
  configFileName,
  configFileText,
  existingConfigFile,
  type ServiceIdentity,
} from './change/config-file.js';
import { withRegisterLine } from './change/entry-line.js';
import { withChange } from './change/manifest.js';
import type { FileChange } from './change/write.js';
import { type ContractPackage, findContract } from './service/contract-package.js';
import { type Entry, findEntry } from './service/entry.js';
import { frameworkOf, libraryNotes, type NeededPlugin, neededPlugins } from './service/libraries.js';
import { type PackageFile, readUtf8, runtimePackages } from './service/package-file.js';
import { findPackageManager, type PackageManager, workspaceRange } from './service/package-manager.js';
import { type ExistingTelemetry, findTelemetry, withFile } from './service/telemetry.js';
import type { Workspace } from './service/workspace.js';

export interface Request {
  readonly entry: string | undefined;
  readonly contract: string | undefined;
}

/** What was found out about a service. */
export interface Findings {
  readonly service: PackageFile;
  readonly framework: string;
  /** Undefined where Throughline is started already. */
  readonly entry: Entry | undefined;
  readonly telemetry: ExistingTelemetry;
  readonly plugins: readonly NeededPlugin[];
  readonly contract: ContractPackage | undefined;
  readonly packageManager: PackageManager;
  readonly configFile: string | undefined;
  /** Packages to add, with their ranges. */
  readonly missing: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

/** Reads all that `init` must know. Nothing is written. */
export function examine(service: PackageFile, workspace: Workspace | undefined, request: Request): Findings {
  const packages = runtimePackages(service.json);
  const searched = findTelemetry(service);
  const starts = searched.started.length > 0 ? undefined : findEntry(service, request.entry);
  const telemetry =
    starts?.kind === 'line' ? withFile(searched, join(service.folder, starts.name), starts.name) : searched;
  const entry = telemetry.started.length > 0 ? undefined : starts;
  const plugins = neededPlugins(packages);
  const contract = findContract(service, workspace, request.contract);
  const packageManager = findPackageManager(service.folder, workspace?.root);
  const configFile = existingConfigFile(service.folder);
  return {
    ...{
      service,
      framework: frameworkOf(packages),
      entry,
      telemetry,
      plugins,
      contract,
      packageManager,
      configFile,
    },
    missing: missingPackages(service, plugins, contract, packageManager),
    notes: notesOn({ service, telemetry, entry, contract, configFile, packageManager }),
  };
}

/** The files that change. None where all is there already. */
export function planChanges(found: Findings, identity: ServiceIdentity): FileChange[] {
  const { service, entry, missing, telemetry, contract, configFile } = found;
  const { folder, path, text } = service;
  const changes: FileChange[] = [];
  const places = entry?.kind === 'flag' ? entry.places : [];
  const manifest = withChange(service, { dependencies: missing, places });
  if (manifest !== text) changes.push({ path, name: 'package.json', before: text, after: manifest });
  if (entry?.kind === 'line') {
    const file = join(folder, entry.name);
    const before = readUtf8(file) ?? '';
    const after = withRegisterLine(file, before, service.json.type === 'module');
    changes.push({ path: file, name: entry.name, before, after });
  }
  // Where the options are in code, a file of options would contradict them.
  if (configFile === undefined && !telemetry.isCalledInCode) {
    const after = configFileText(identity, contract?.name);
    changes.push({ path: join(folder, configFileName), name: configFileName, before: undefined, after });
  }
  return changes;
}

function missingPackages(
  { json }: PackageFile,
  plugins: readonly NeededPlugin[],
  contract: ContractPackage | undefined,
  { name: manager }: PackageManager,
): Record<string, string> {
  // Production installs leave devDependencies out.
  const present = { ...json.optionalDependencies, ...json.dependencies };
  const missing: Record<string, string> = {};
  for (const name of ['@throughline/core', ...plugins.map((each) => each.package)]) {
    if (!Object.hasOwn(present, name)) missing[name] = `^${version}`;
  }
  if (contract && !Object.hasOwn(present, contract.name)) {
    missing[contract.name] = contract.range ?? (contract.isInWorkspace ? workspaceRange(manager) : '*');
  }
  return Object.fromEntries(Object.entries(missing).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function notesOn(
  found: Pick<Findings, 'service' | 'telemetry' | 'entry' | 'contract' | 'configFile' | 'packageManager'>,
): string[] {
  const { service, telemetry, entry, contract, configFile, packageManager } = found;
  const packages = runtimePackages(service.json);
  const notes = libraryNotes(packages);
  for (const name of telemetry.agentPackages) {
    notes.push(
      `${name} is in package.json. If the service starts it, every request is recorded twice: remove it.`,
    );
  }
  for (const { agent, where } of telemetry.agentStarts) {
    notes.push(`${agent} is started in ${where}. Every request is recorded twice until you remove it.`);
  }
  if (telemetry.isCalledInCode) {
    notes.push(
      `initObservability is called in code: add plugins and options there, ${page('reference/options.md')}.`,
    );
  }
  if (entry?.kind === 'line' && entry.others.length > 0) {
    notes.push(
      `Only ${entry.name} gets the line. Add it to the other apps: ${entry.others.join(', ')}. They share the config file, so set OTEL_SERVICE_NAME for each.`,
    );
  }
  if (entry?.kind === 'flag') {
    notes.push(
      `Packages inside a bundle cannot be found. Pass them to the plugins with the option \`modules\` (${page('databases.md')}).`,
    );
  }
  if (contract && configFile !== undefined) {
    notes.push(
      `${configFile} is not changed: pass the contract of ${contract.name} there (${page('contract.md')}).`,
    );
  }
  if (packageManager.ignored.length > 0) {
    notes.push(
      `${packageManager.name} is used because of ${packageManager.because}. ${packageManager.ignored.join(', ')} is not updated.`,
    );
  }
  return notes;
}

/**
 * Refuses to start a second agent.
 *
 * @throws CommandError `OBS_INIT_OTHER_AGENT`
 */
export function checkOtherAgents({ telemetry: { agentStarts, started } }: Findings): void {
  const [first] = agentStarts;
  if (!first || started.length > 0) return;
  const list = agentStarts.map(({ agent, where }) => `${agent} in ${where}`).join(', ');
  throw new CommandError('OBS_INIT_OTHER_AGENT', `The service already starts ${list}. Nothing was written.`);
}

/** The entry again, for the hints: where Throughline is started already, the flag is not needed. */
export function entryOrLine({ entry, service }: Findings): Entry {
  return (
    entry ?? {
      kind: 'line',
      name: relative(service.folder, service.path).split(sep).join('/'),
      foundBy: '',
      others: [],
    }
  );
}

/** Whether Yarn keeps packages in an archive that this process cannot load from. */
export function isPlugAndPlay({ root }: PackageManager): boolean {
  return existsSync(join(root, '.pnp.cjs'));
}
