import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { temporaryFolder } from './temporary-folder.mjs';

/**
 * Loads a made-up version of a package, as a service does: by its name, if it has an `index.js`.
 *
 * @param {string} name
 * @param {string} version
 * @param {Readonly<Record<string, string>>} files their contents
 * @returns {readonly { readonly prototype: object }[]} the classes that its files export
 */
export function requireMadeUp(name, version, files) {
  const folder = join(temporaryFolder(), 'node_modules', name);
  const main = 'index.js' in files ? { main: 'index.js' } : {};
  for (const [file, content] of Object.entries({
    ...files,
    'package.json': JSON.stringify({ name, version, ...main }),
  })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  const requireIt = createRequire(join(folder, 'package.json'));
  if (main.main) requireIt(folder);
  return Object.keys(files).flatMap((file) => Object.values(requireIt(join(folder, file))));
}
