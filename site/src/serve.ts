import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.md': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};
const reload = '<script>new EventSource("/_changes").onmessage = () => location.reload();</script>';

/**
 * Serves the site on this machine, and builds it again when a page changes. Open pages then load themselves again.
 *
 * @param out folder of the built site
 */
export async function serve(root: string, out: string, build: () => boolean): Promise<void> {
  const open = new Set<ServerResponse>();
  build();
  let waiting: NodeJS.Timeout | undefined;
  const changed = () => {
    clearTimeout(waiting);
    // An editor writes a file in several steps.
    waiting = setTimeout(() => {
      build();
      for (const response of open) response.write('data: changed\n\n');
    }, 100);
  };
  // The code of the site itself is loaded already: `tsx watch` starts it again.
  for (const folder of ['docs', 'site/browser']) watch(join(root, folder), { recursive: true }, changed);

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/_changes') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('\n');
      open.add(response);
      response.once('close', () => open.delete(response));
      return;
    }
    const path = normalize(
      join(out, decodeURIComponent(pathname.endsWith('/') ? `${pathname}index.html` : pathname)),
    );
    try {
      if (!path.startsWith(out)) throw new Error('not in the folder of the site');
      const body = await readFile(path);
      const type = contentTypes[extname(path)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' });
      response.end(type.startsWith('text/html') ? body + reload : body);
    } catch {
      response
        .writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
        .end('There is no such page.\n');
    }
  });
  server.listen(Number(process.env.PORT ?? 4_173), '127.0.0.1', () => {
    console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });
}
