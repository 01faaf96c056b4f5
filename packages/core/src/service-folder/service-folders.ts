import { foldersOfScript, foldersUpToPackage } from '../model/package-folder.js';
import { workingDirectory } from '../model/working-directory.js';

/**
 * Where the config file and the plugins of a service are looked for, in this order: the folder of its script and those
 * above it, up to its package.json; then the working directory, likewise. So an image may start a service of a
 * workspace from the root: `node services/orders/main.js`.
 *
 * @param script the service's own script; undefined if an installed program is the service
 */
export function serviceFolders(
  script: string | undefined,
  folder: string = workingDirectory(),
): readonly string[] {
  const starts = [...(script === undefined ? [] : foldersOfScript(script)), folder];
  return [...new Set(starts.flatMap(foldersUpToPackage))];
}
