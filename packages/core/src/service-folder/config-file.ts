import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ObservabilityOptions } from '../instance/observability-options.js';
import { ObservabilityError } from '../model/errors.js';
import { errorReason } from '../model/foreign-error.js';

const names = ['throughline.config.mjs', 'throughline.config.js', 'throughline.config.cjs'];

export interface ConfigFile {
  /** Its absolute path. */
  readonly path: string;
  readonly options: ObservabilityOptions;
  readonly problem: ObservabilityError | undefined;
}

/**
 * Loads the options that the first `throughline.config.{mjs,js,cjs}` of these folders exports by default. A file that
 * cannot be used is a problem to report, never an exception.
 */
export function loadConfigFile(folders: readonly string[]): ConfigFile | undefined {
  const file = folders
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
  if (file === undefined) return undefined;
  try {
    // Node 20.19 and later require ES modules too, so one way serves --import and --require.
    const loaded: unknown = createRequire(file)(file);
    const options = defaultExport(loaded);
    if (typeof options !== 'object' || options === null || Array.isArray(options)) {
      throw new Error('its default export is not an object of options');
    }
    return { path: file, options, problem: undefined };
  } catch (cause) {
    const reason = errorReason(cause);
    return {
      path: file,
      options: {},
      problem: new ObservabilityError('OBS_CONFIG_FILE_INVALID', `${file} is ignored: ${reason}.`, {
        cause,
      }),
    };
  }
}

function defaultExport(loaded: unknown): unknown {
  const isModule = typeof loaded === 'object' && loaded !== null && 'default' in loaded;
  return isModule ? loaded.default : loaded;
}
