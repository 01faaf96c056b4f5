import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** All Markdown pages of the repository, as paths from its root; without those that `leftOut` matches. */
export function markdownPages(root: string, leftOut: RegExp): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed
    .trim()
    .split('\n')
    .filter((path) => !leftOut.test(path) && existsSync(join(root, path)));
}
