import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Environment, readEnvironment } from '@throughline/core/internal';
import {
  type Command,
  type CommandIo,
  commandInvalid,
  exitCodes,
  parseOptions,
} from '../command-line/command.js';
import { printDiff, unifiedDiff } from '../command-line/diff.js';
import { CommandError } from '../command-line/errors.js';
import { printCatalogued } from '../command-line/run.js';
import { printReport } from '../doctor/print.js';
import { apply } from './apply.js';
import type { ServiceIdentity } from './change/config-file.js';
import { undoLastRun } from './change/undo.js';
import { checkWritable } from './change/write.js';
import { chooseService } from './choose-service.js';
import { deploymentHints } from './deployment.js';
import { examineResult } from './examine-result.js';
import { checkOtherAgents, entryOrLine, examine, type Findings, isPlugAndPlay, planChanges } from './plan.js';
import { readPackageFile } from './service/package-file.js';
import { installCommand, type PackageManagerName, restoreCommand } from './service/package-manager.js';
import { workspaceAround } from './service/workspace.js';

const usage = `throughline init [folder] [options]

Adds Throughline to a service: the packages, the line that starts it, and a config file. Shows a diff, and asks before
it writes. Then it installs the packages, and runs \`throughline doctor\`.

Options
  --service-name <name>  default: OTEL_SERVICE_NAME, or the name in package.json
  --team <name>          the team that runs the service; default: asked on a terminal, else left out
  --environment <name>   default: left out, so that NODE_ENV or OTEL_RESOURCE_ATTRIBUTES sets it
  --entry <file>         the source file that starts the service; default: found through package.json
  --workspace <name>     the service of a workspace, by its package name or its folder
  --contract <package>   the contract of your organisation; default: a package named …/observability-contract
  --beside-agent         go on although another agent (dd-trace, Sentry, OpenTelemetry …) is started
  --yes                  do not ask
  --dry-run              show the diff only
  --no-install           do not run the package manager
  --undo                 restore the files as they were before the last run, byte for byte
  --help

Examples
  throughline init --team checkout
  throughline init --workspace @acme/orders --team checkout --yes
  throughline init --dry-run
  throughline init --undo

Exit codes
  0  written, already there, only shown, or declined
  1  written, and doctor found errors
  2  nothing was written: wrong call, no terminal to ask on, or a problem that the message names`;

const init: Command = {
  usage,
  async run(args, io) {
    const { values, positionals } = parseOptions(args, {
      'service-name': { type: 'string' },
      team: { type: 'string' },
      environment: { type: 'string' },
      entry: { type: 'string' },
      workspace: { type: 'string' },
      contract: { type: 'string' },
      'beside-agent': { type: 'boolean' },
      yes: { type: 'boolean', short: 'y' },
      'dry-run': { type: 'boolean' },
      'no-install': { type: 'boolean' },
      undo: { type: 'boolean' },
    });
    if (positionals.length > 1) throw commandInvalid(`init takes one folder; remove '${positionals[1]}'`);
    if (values['dry-run'] && values.yes) throw commandInvalid('Use --dry-run or --yes, not both');
    for (const name of ['service-name', 'team', 'environment', 'contract'] as const) {
      if (values[name] !== undefined && values[name].trim() === '')
        throw commandInvalid(`--${name} must not be empty`);
    }
    const start = resolve(io.folder, positionals[0] ?? '.');
    const folder = await chooseService(start, values.workspace, io);
    if (values.undo) return undo(folder, values['dry-run'] === true, io);

    const environment = readEnvironment();
    const workspace = workspaceAround(folder);
    const found = examine(readPackageFile(folder), workspace, {
      entry: values.entry,
      contract: values.contract,
    });
    printFindings(found, io);
    if (!values['beside-agent']) checkOtherAgents(found);
    const mode = values['dry-run'] ? 'show' : values.yes ? 'write' : 'ask';
    const given = { serviceName: values['service-name'], team: values.team, environment: values.environment };
    const identity = await identityOf(found, given, environment, mode === 'ask' ? io : undefined);
    const changes = planChanges(found, identity);
    if (changes.length === 0) {
      io.problem('Already there: nothing has to be changed. `throughline doctor` checks whether it works.');
      return exitCodes.ok;
    }
    checkWritable(changes);
    io.problem('');
    for (const { name, before, after } of changes) printDiff(unifiedDiff(name, before, after), io);
    io.problem('');
    if (mode === 'show') {
      printNotes(found, identity, workspace?.root ?? folder, io);
      return exitCodes.ok;
    }
    if (mode === 'ask') {
      const yes = await io.confirm(question(found, changes.length, values['no-install'] === true));
      if (yes === undefined) {
        io.problem('Nothing was written, because there is no terminal to ask on. Use --yes or --dry-run.');
        return exitCodes.failed;
      }
      if (!yes) {
        io.problem('Nothing was written.');
        return exitCodes.ok;
      }
    }
    await apply({ folder, found, changes, installs: values['no-install'] !== true, environment, io });
    printNotes(found, identity, workspace?.root ?? folder, io);
    return finish(folder, found, values['no-install'] !== true, environment, io);
  },
};
export default init;

async function undo(folder: string, isShown: boolean, io: CommandIo): Promise<number> {
  const { restored, removed, packageManager } = undoLastRun(folder, isShown);
  const did = isShown ? 'Would be' : 'Is';
  for (const name of restored) io.out(`${did} as before: ${name}`);
  for (const name of removed) io.out(`${did} removed: ${name}`);
  if (restored.length + removed.length === 0) io.out('All files were as before already.');
  if (!isShown) {
    io.problem(
      `Run \`${restoreCommand(packageManager as PackageManagerName)}\` to remove the packages from node_modules.`,
    );
  }
  return exitCodes.ok;
}

async function identityOf(
  { service, configFile, telemetry }: Findings,
  given: ServiceIdentity,
  environment: Environment,
  io: CommandIo | undefined,
): Promise<ServiceIdentity> {
  const isWritten = configFile === undefined && !telemetry.isCalledInCode;
  const packageName =
    typeof service.json.name === 'string' ? service.json.name.replace(/^@[^/]+\//, '') : undefined;
  const fallback = environment.OTEL_SERVICE_NAME || packageName || undefined;
  const ask = async (question: string) =>
    io && isWritten ? (await io.ask(question)) || undefined : undefined;
  return {
    serviceName:
      given.serviceName ??
      (await ask(`Name of the service${fallback === undefined ? '' : ` [${fallback}]`}:`)) ??
      fallback,
    team: given.team ?? (await ask('Team that runs it (empty: left out):')),
    environment: given.environment ?? (await ask('Environment (empty: from NODE_ENV):')),
  };
}

function printFindings(found: Findings, io: CommandIo): void {
  const { service, framework, entry, telemetry, packageManager, plugins, contract } = found;
  const fact = (label: string, text: string) => io.problem(`${io.style('bold', label.padEnd(16))}${text}`);
  fact('Service', `${service.json.name ?? service.folder} (${framework})`);
  fact('Packages', `${packageManager.name}, because of ${packageManager.because}`);
  if (entry === undefined) fact('Started in', `${telemetry.started.join(', ')} already`);
  else if (entry.kind === 'line')
    fact(
      'Starts in',
      `${entry.name}, by ${entry.foundBy}: gets one line, which works however the service is started`,
    );
  else fact('Starts in', `${entry.name}, by ${entry.foundBy}: gets --import, because ${entry.because}`);
  for (const plugin of plugins) fact('Plugin', `${plugin.package} for ${plugin.libraries.join(', ')}`);
  if (contract) fact('Contract', contract.name);
}

function printNotes(found: Findings, { team }: ServiceIdentity, root: string, io: CommandIo): void {
  const { service, configFile, telemetry, notes } = found;
  const all = [...notes];
  if (team === undefined && configFile === undefined && !telemetry.isCalledInCode) {
    all.push('No team is set: series and log lines have no label `team`. Set it in throughline.config.mjs.');
  }
  for (const note of all) io.problem(`${io.style('yellow', '!')} ${note}`);
  const hints = deploymentHints({
    ...{
      folder: service.folder,
      root,
      entry: entryOrLine(found),
      configFile: configFile ?? 'throughline.config.mjs',
    },
  });
  if (hints.length === 0) return;
  io.problem('');
  io.problem(io.style('bold', 'Add these by hand'));
  for (const { file, lines } of hints) {
    io.problem(`  ${file}`);
    for (const line of lines) io.problem(`    ${line}`);
  }
}

function question({ packageManager: { name } }: Findings, files: number, isBare: boolean): string {
  const install = isBare ? '' : `, and run \`${installCommand(name).slice(0, 2).join(' ')}\``;
  return `Write ${files} file${files === 1 ? '' : 's'}${install}?`;
}

async function finish(
  folder: string,
  { packageManager, service, contract }: Findings,
  isInstalled: boolean,
  environment: Environment,
  io: CommandIo,
): Promise<number> {
  const start = service.json.scripts?.start === undefined ? 'node <file>' : 'npm start';
  io.problem('');
  if (!isInstalled || isPlugAndPlay(packageManager)) {
    const install = isInstalled
      ? ''
      : `\`${installCommand(packageManager.name).slice(0, 2).join(' ')}\`, then `;
    io.problem(`Next: ${install}\`npx throughline doctor\`, and \`npx throughline doctor -- ${start}\`.`);
    return exitCodes.ok;
  }
  const report = await examineResult(folder, contract?.name, environment).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    printCatalogued(error, io);
    return undefined;
  });
  if (!report) return exitCodes.found;
  printReport(io, report, { arrivals: {}, allOptions: false, isFine: report.ok });
  io.problem('');
  io.problem(
    `Next: \`npx throughline dev -- ${start}\` shows traces, metrics and logs; \`npx throughline doctor -- ${start}\` checks the running service.`,
  );
  if (existsSync(join(folder, '.throughline')))
    io.problem('`npx throughline init --undo` takes it all back.');
  return report.ok ? exitCodes.ok : exitCodes.found;
}
