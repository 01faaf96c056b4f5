import { join } from 'node:path';
import { initIn } from '../instance/entry.js';
import { readServicePackage } from '../model/identity.js';
import { workingDirectory } from '../model/working-directory.js';
import { loadConfigFile } from '../service-folder/config-file.js';
import { loadInstalledPlugins } from '../service-folder/plugin-discovery.js';

/**
 * Starts Throughline with what the folder of the service has: its config file and its installed plugins.
 *
 * @param script the service's own script; undefined if an installed program is the service
 */
export function observeProcess(script: string | undefined): void {
  const folder = workingDirectory();
  const configFile = loadConfigFile(folder);
  const installed = configFile?.options.plugins ? undefined : loadInstalledPlugins(folder);
  initIn(
    {
      configFile: configFile?.options,
      arePluginsFound: installed !== undefined,
      problems: [...(configFile?.problem ? [configFile.problem] : []), ...(installed?.problems ?? [])],
      servicePackage: readServicePackage(script ?? join(folder, 'package.json')),
    },
    installed && installed.plugins.length > 0 ? { plugins: installed.plugins } : {},
  );
}
