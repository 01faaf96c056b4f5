/*
 * The entry for `node --import @throughline/core/register` and `--require`. The only module of this package
 * that does something when it is loaded.
 */
import { initIn } from './entry.js';
import { loadConfigFile } from './register/config-file.js';
import { loadInstalledPlugins } from './register/plugin-discovery.js';

const folder = process.cwd();
const configFile = loadConfigFile(folder);
const installed = configFile?.options.plugins ? undefined : loadInstalledPlugins(folder);

initIn(
  {
    configFile: configFile?.options,
    arePluginsFound: installed !== undefined,
    problems: [...(configFile?.problem ? [configFile.problem] : []), ...(installed?.problems ?? [])],
  },
  installed && installed.plugins.length > 0 ? { plugins: installed.plugins } : {},
);
