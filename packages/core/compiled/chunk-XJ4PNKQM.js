import {
  ObservabilityError
} from "./chunk-M47XFLI6.js";

// src/register/config-file.ts
import { existsSync } from "fs";
import { createRequire } from "module";
import { join } from "path";
var names = ["throughline.config.mjs", "throughline.config.js", "throughline.config.cjs"];
function loadConfigFile(folder) {
  const file = names.map((name) => join(folder, name)).find((path) => existsSync(path));
  if (file === void 0) return void 0;
  try {
    const loaded = createRequire(file)(file);
    const options = defaultExport(loaded);
    if (typeof options !== "object" || options === null || Array.isArray(options)) {
      throw new Error("its default export is not an object of options");
    }
    return { options, problem: void 0 };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return {
      options: {},
      problem: new ObservabilityError("OBS_CONFIG_FILE_INVALID", `${file} is ignored: ${reason}.`, {
        cause
      })
    };
  }
}
function defaultExport(loaded) {
  const isModule = typeof loaded === "object" && loaded !== null && "default" in loaded;
  return isModule ? loaded.default : loaded;
}

// src/register/plugin-discovery.ts
import { readFileSync } from "fs";
import { createRequire as createRequire2 } from "module";
import { join as join2 } from "path";
var pluginPackage = /^(@throughline\/(?!core$)|(@[^/]+\/)?throughline-plugin-)/;
function loadInstalledPlugins(folder) {
  const plugins = [];
  const problems = [];
  const load = createRequire2(join2(folder, "package.json"));
  for (const name of dependencies(folder).filter((dependency) => pluginPackage.test(dependency))) {
    try {
      const { throughlinePlugin } = load(name);
      if (typeof throughlinePlugin !== "function") throw new Error("it does not export 'throughlinePlugin'");
      plugins.push(throughlinePlugin());
    } catch (cause) {
      problems.push(
        new ObservabilityError(
          "OBS_PLUGIN_NOT_LOADED",
          `The installed plugin '${name}' could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}.`,
          { cause }
        )
      );
    }
  }
  return { plugins, problems };
}
function dependencies(folder) {
  try {
    const manifest = JSON.parse(readFileSync(join2(folder, "package.json"), "utf8"));
    const all = { ...manifest.devDependencies, ...manifest.optionalDependencies, ...manifest.dependencies };
    return Object.keys(all).sort();
  } catch {
    return [];
  }
}

export {
  loadConfigFile,
  loadInstalledPlugins
};
//# sourceMappingURL=chunk-XJ4PNKQM.js.map