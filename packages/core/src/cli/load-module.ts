import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ObservabilityError } from '../model/errors.js';

/**
 * Loads a module of the service: a file relative to the folder, or a package that is installed there.
 *
 * @throws {@link ObservabilityError} `OBS_COMMAND_INPUT` when it cannot be loaded
 */
export async function loadModule(name: string, folder: string): Promise<Readonly<Record<string, unknown>>> {
  const file = resolve(folder, name);
  try {
    if (existsSync(file)) return await import(pathToFileURL(file).href);
    if (/^[./]/.test(name)) throw new Error(`there is no file ${file}`);
    return createRequire(join(folder, 'package.json'))(name);
  } catch (cause) {
    throw new ObservabilityError(
      'OBS_COMMAND_INPUT',
      `${name} could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    );
  }
}
