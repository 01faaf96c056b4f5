import type { Environment } from '@throughline/core/internal';
import { startProgram } from '../command-line/child-program.js';
import { CommandError } from '../command-line/errors.js';
import { installCommand, type PackageManager } from './service/package-manager.js';

const shownLines = 20;

/**
 * Runs the package manager.
 *
 * @throws CommandError `OBS_INIT_INSTALL_FAILED` with the end of its output
 */
export async function install({ name, root }: PackageManager, environment: Environment): Promise<void> {
  const command = installCommand(name);
  const lines: string[] = [];
  // Ctrl-C reaches the package manager too. It ends, and the files are put back.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  try {
    const end = await new Promise<string | undefined>((resolve) => {
      const child = startProgram({
        command,
        folder: root,
        environment: withoutScript(environment),
        isGroup: false,
      });
      const keep = (chunk: string) => {
        lines.push(...chunk.split('\n').filter((line) => line.trim() !== ''));
        lines.splice(0, lines.length - shownLines);
      };
      child.stdout.setEncoding('utf8').on('data', keep);
      child.stderr.setEncoding('utf8').on('data', keep);
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) =>
        resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)),
      );
    });
    if (end !== undefined) {
      const output = lines.length > 0 ? `\n${lines.map((line) => `  ${line}`).join('\n')}` : '';
      throw new CommandError(
        'OBS_INIT_INSTALL_FAILED',
        `\`${command.join(' ')}\` failed in ${root}: ${end}.${output}`,
      );
    }
  } finally {
    process.off('SIGINT', ignore);
  }
}

/** npx tells programs about the package that it runs. A package manager would take that for its own. */
function withoutScript(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) => !/^npm_(?:config_local_prefix|package_|lifecycle_|command$)|^INIT_CWD$/.test(name),
    ),
  );
}
