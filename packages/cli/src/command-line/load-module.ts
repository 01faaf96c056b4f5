import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CommandError } from './errors.js';

/**
 * Loads a module of the service: a file, relative to the folder, or a package that is installed in it.
 *
 * @throws CommandError `OBS_COMMAND_INPUT` when it cannot be loaded
 */
export async function loadModule(name: string, folder: string): Promise<Readonly<Record<string, unknown>>> {
  const file = resolve(folder, name);
  try {
    if (existsSync(file)) return await import(pathToFileURL(file).href);
    if (/^[./]/.test(name)) throw new Error(`there is no file ${file}`);
    return createRequire(join(folder, 'package.json'))(name);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const [, missing] = /Cannot find (?:package|module) '((?:@[^/']+\/)?[^./'][^/']*)/.exec(message) ?? [];
    // npx installs this package in a separate folder, where a module of the service does not find it.
    const dev = missing === 'throughline' ? '--save-dev ' : '';
    const fix = missing === undefined ? {} : { fix: `Run \`npm install ${dev}${missing}\` in ${folder}.` };
    throw new CommandError('OBS_COMMAND_INPUT', `${name} could not be loaded: ${message.split('\n')[0]}.`, {
      cause,
      ...fix,
    });
  }
}
