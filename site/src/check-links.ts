import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';

/**
 * Looks for links and pictures of a built site that lead nowhere: to a file that is not there, to an anchor that the page
 * does not have, or out of the folder. Addresses of other sites are not asked.
 *
 * @returns one sentence for each
 */
export function deadLinks(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.html'))
    .sort();
  const texts = new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
  const anchors = new Map(
    Array.from(texts, ([file, text]) => [
      file,
      new Set(Array.from(text.matchAll(/ id="([^"]*)"/g), ([, id]) => unescaped(id ?? ''))),
    ]),
  );
  return files.flatMap((file) =>
    Array.from((texts.get(file) ?? '').matchAll(/ (?:href|src)="([^"]*)"/g), ([, target]) => target ?? '')
      .map((target) => [target, faultOf(file, unescaped(target))] as const)
      .flatMap(([target, fault]) => (fault === undefined ? [] : [`${file}: ${target} ${fault}`])),
  );

  function faultOf(from: string, target: string): string | undefined {
    if (/^[a-z][a-z+.-]*:/i.test(target)) return undefined;
    const [path = '', anchor] = decodeURI(target).split('#');
    const to = path === '' ? from : posix.join(posix.dirname(from), path);
    if (path.startsWith('/')) return 'begins at the root of the server';
    if (to.startsWith('..')) return 'leads out of the site';
    if (!existsSync(join(folder, to)) || statSync(join(folder, to)).isDirectory()) return 'does not exist';
    if (anchor === undefined || anchor === '' || anchors.get(to)?.has(anchor)) return undefined;
    return 'is an anchor that the page does not have';
  }
}

function unescaped(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
