import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the workspace. */
export const root = fileURLToPath(new URL('../../', import.meta.url));
/** Folder of the shop example, which has the dependencies that real parts come from. */
export const shop = join(root, 'examples/shop');
