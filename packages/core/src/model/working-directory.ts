import { parse } from 'node:path';

/**
 * The folder that the process works in. It may have been removed since the start, as deployments do with old releases:
 * then `process.cwd()` throws.
 *
 * @returns the root of the file system if the folder no longer exists
 */
export function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return parse(process.execPath).root;
  }
}
