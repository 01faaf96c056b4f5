import { initIn } from '../instance/entry.js';
import { readServicePackage } from '../model/identity.js';
import { loadConfigFile } from '../service-folder/config-file.js';
import { loadInstalledPlugins } from '../service-folder/plugin-discovery.js';
import { serviceFolders } from '../service-folder/service-folders.js';

/**
 * Starts Throughline with what the folder of the service has: its config file and its installed plugins.
 *
 * @param script the service's own script; undefined if an installed program is the service
 */
export function observeProcess(script: string | undefined): void {
  const folders = serviceFolders(script);
  const configFile = loadConfigFile(folders);
  const installed = configFile?.options.plugins ? undefined : loadInstalledPlugins(folders);
  initIn(
    {
      configFile,
      arePluginsFound: installed !== undefined,
      problems: [...(configFile?.problem ? [configFile.problem] : []), ...(installed?.problems ?? [])],
      servicePackage: readServicePackage(script),
    },
    installed && installed.plugins.length > 0 ? { plugins: installed.plugins } : {},
  );
}
