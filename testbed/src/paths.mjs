import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the workspace. */
export const root = fileURLToPath(new URL('../../', import.meta.url));
/** Folder of the shop example, which has the dependencies that real parts come from. */
export const shop = join(root, 'examples/shop');
/** The user's cache folder, for what is fetched or compiled once. */
export const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'throughline');
