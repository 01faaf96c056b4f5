/*
 * Puts pages of the documentation into a package, so that a message can name a page that is there. Called by the build
 * of the package, in its folder:
 *
 *   node ../../scripts/release/pages.mjs            all pages
 *   node ../../scripts/release/pages.mjs scan.md    these
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pageAsShipped } from './links.mjs';
import { addressOfWorkspace } from './repository.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = process.cwd();
const asked = process.argv.slice(2);
const pages =
  asked.length > 0
    ? asked
    : readdirSync(join(root, 'docs'), { recursive: true })
        .map((name) => name.replaceAll('\\', '/'))
        .filter((name) => name.endsWith('.md'));
const shipped = new Set(pages.map((name) => `docs/${name}`));
const address = addressOfWorkspace(root);
const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

rmSync(join(folder, 'docs'), { recursive: true, force: true });
for (const page of shipped) {
  const text = pageAsShipped(
    readFileSync(join(root, page), 'utf8'),
    page,
    (path) => shipped.has(path),
    address === undefined ? undefined : { address, version },
  );
  mkdirSync(dirname(join(folder, page)), { recursive: true });
  writeFileSync(join(folder, page), text);
}
