import {
  ObservabilityError
} from "./chunk-M47XFLI6.js";

// src/cli/load-module.ts
import { existsSync } from "fs";
import { createRequire } from "module";
import { join, resolve } from "path";
import { pathToFileURL } from "url";
async function loadModule(name, folder) {
  const file = resolve(folder, name);
  try {
    if (existsSync(file)) return await import(pathToFileURL(file).href);
    if (/^[./]/.test(name)) throw new Error(`there is no file ${file}`);
    return createRequire(join(folder, "package.json"))(name);
  } catch (cause) {
    throw new ObservabilityError(
      "OBS_COMMAND_INPUT",
      `${name} could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause }
    );
  }
}

export {
  loadModule
};
//# sourceMappingURL=chunk-HNDMX5RA.js.map