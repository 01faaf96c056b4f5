import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const packages = fileURLToPath(new URL('../../packages/', import.meta.url));

/**
 * Builds a plugin of this workspace into the folder of a service, and lists it among the service's dependencies, where the
 * register entry finds it.
 *
 * @param plugin its folder in `packages/`
 * @param folder a folder with `node_modules`
 * @param external packages that the plugin finds there
 */
export async function buildPlugin(
  plugin: string,
  folder: string,
  external: readonly string[] = [],
): Promise<void> {
  const name = `@throughline/${plugin}`;
  const installed = join(folder, 'node_modules', name);
  mkdirSync(installed, { recursive: true });
  await build({
    entryPoints: [join(packages, plugin, 'src/index.ts')],
    alias: { '@throughline/core/plugin': join(packages, 'core/src/plugin.ts') },
    bundle: true,
    external: [...external],
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
    outfile: join(installed, 'index.js'),
  });
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'service', dependencies: { [name]: '*' } }),
  );
}
