import { readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ProcessKind } from '../model/process-kind.js';
import { installedPackageOf } from './installed-package.js';
import { isLauncher, isRunner, isToolOfThreads, packageManagerOf } from './launchers.js';

/** The facts that determine the role of a process. */
export interface StartedProcess {
  readonly execPath: string;
  /** Flags of Node on the command line, not those in NODE_OPTIONS. */
  readonly execArgv: readonly string[];
  /** As in `process.argv[1]`; undefined for `node -e` and for a script on stdin. */
  readonly script: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Finds out what this process is, from how it was started. */
export function processKind({ execPath, execArgv, script, environment }: StartedProcess): ProcessKind {
  // These processes start Node again for each run.
  const parentFlag = execArgv.find((flag) => /^--(watch(-path(=.*)?)?|test)$/.test(flag));
  if (parentFlag !== undefined) return { role: 'launcher', program: `node ${parentFlag}` };
  const manager = packageManagerOf(basename(execPath));
  if (manager !== undefined) return { role: 'launcher', program: manager };
  const otherwise = isAskedFor(execArgv) ? 'service' : 'undecided';
  // A health check or an install script, as a rule.
  if (script === undefined) return { role: otherwise, program: undefined };

  const path = realPath(script).replaceAll('\\', '/');
  const program = programOf(path);
  if (program === undefined) return { role: 'service', program };
  if (isRunner(program, path)) {
    return { role: 'service', program, script: program === 'pm2' ? environment.pm_exec_path : undefined };
  }
  return { role: isLauncher(program) ? 'launcher' : otherwise, program };
}

/**
 * The tool that a worker thread works for: a compiler, or what writes the lines of a logger.
 *
 * @returns undefined where it may run code of the service, as the threads of a pool do
 */
export function toolOfThread(file: string | undefined): string | undefined {
  const name = file === undefined ? undefined : installedPackageOf(realPath(file).replaceAll('\\', '/'));
  return name !== undefined && isToolOfThreads(name) ? name : undefined;
}

/** Whether the command line itself has `--import @throughline/core/register`: then this process is meant. */
function isAskedFor(execArgv: readonly string[]): boolean {
  return execArgv.some((flag) => /(@throughline|packages)[\\/]core[\\/].*\bregister\b/.test(flag));
}

/** The installed package that a script is of; undefined for a script of the service's own. */
function programOf(path: string): string | undefined {
  const name = installedPackageOf(path);
  if (name !== undefined) return name;
  const manager = packageManagerOf(basename(path));
  if (manager !== undefined) return manager;
  // Debian has its packages in /usr/share/nodejs, Homebrew in its own folders.
  const owner = nearestPackage(path);
  return owner !== undefined && isLauncher(owner) ? owner : undefined;
}

/** The name of the package above a script, if the script is one of its commands. */
function nearestPackage(path: string): string | undefined {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    try {
      const { name, bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const commands: unknown[] = typeof bin === 'object' && bin !== null ? Object.values(bin) : [bin];
      const isCommand = commands.some(
        (command) =>
          typeof command === 'string' &&
          join(folder, command)
            .replaceAll('\\', '/')
            .replace(/\.[cm]?js$/, '') === path.replace(/\.[cm]?js$/, ''),
      );
      return isCommand && typeof name === 'string' ? name : undefined;
    } catch {
      if (folder === dirname(folder)) return undefined;
    }
  }
}

/** Commands in node_modules/.bin are links. */
function realPath(script: string): string {
  try {
    return realpathSync(script);
  } catch {
    return script;
  }
}
