import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Writes files that are generated, or, with `--check` on the command line, writes nothing and fails if one of them
 * is not current.
 *
 * @param files content by path, from the root of the workspace
 */
export function writeOrCheck(root: string, files: Readonly<Record<string, string>>): void {
  const check = process.argv.includes('--check');
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    if (contentOf(path) === content) continue;
    if (check) {
      console.error(`${name} is not current; run: npm run generate`);
      process.exitCode = 1;
    } else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
      console.log(`wrote ${name}`);
    }
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
