/*
 * A registry for the scope of the packed packages, so that `throughline init` runs the package manager as it does for
 * users. All other packages come from the registry that the machine uses.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

/**
 * @param {Record<string, string>} tarballs paths, by folder in packages/
 * @returns {Promise<{ npmrc: string, close(): void }>} the lines for an .npmrc
 */
export async function startRegistry(tarballs) {
  const packages = new Map(
    Object.values(tarballs).map((path) => {
      const manifest = JSON.parse(
        execFileSync('tar', ['-xOzf', path, 'package/package.json'], { encoding: 'utf8' }),
      );
      return [manifest.name, { manifest, bytes: readFileSync(path) }];
    }),
  );
  const server = createServer((request, response) => {
    const address = `http://127.0.0.1:${server.address().port}`;
    const path = decodeURIComponent(new URL(request.url ?? '/', address).pathname.slice(1));
    const name = path.replace(/\.tgz$/, '');
    const found = packages.get(name);
    if (!found) return void response.writeHead(404).end('{}');
    if (name !== path) return void response.end(found.bytes);
    const { manifest, bytes } = found;
    const dist = {
      tarball: `${address}/${name}.tgz`,
      integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
      shasum: createHash('sha1').update(bytes).digest('hex'),
    };
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        name,
        'dist-tags': { latest: manifest.version },
        versions: { [manifest.version]: { ...manifest, dist } },
      }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    npmrc: `@throughline:registry=http://127.0.0.1:${server.address().port}/\n`,
    close: () => server.close(),
  };
}
