import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const packages = fileURLToPath(new URL('../../packages/', import.meta.url));
const plugins = ['db', 'express', 'fastify', 'hono', 'kafka', 'koa'] as const;

/**
 * Makes a service of the folder that has the plugins installed: without them, the libraries of the programs would not be
 * observed at all.
 *
 * @param folder with `@throughline/core` in its node_modules
 */
export async function installPlugins(folder: string): Promise<void> {
  const scope = join(folder, 'node_modules/@throughline');
  const common = { bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' } as const;
  const core = join(scope, 'core');
  await build({
    ...common,
    packages: 'external',
    entryPoints: [join(packages, 'core/src/plugin.ts')],
    outfile: join(core, 'plugin.cjs'),
  });
  const manifest = JSON.parse(readFileSync(join(core, 'package.json'), 'utf8'));
  manifest.exports['./plugin'] = './plugin.cjs';
  writeFileSync(join(core, 'package.json'), JSON.stringify(manifest));
  for (const name of plugins) {
    mkdirSync(join(scope, name), { recursive: true });
    await build({
      ...common,
      external: ['@throughline/core', '@throughline/core/*', '@opentelemetry/api', 'prom-client'],
      entryPoints: [join(packages, name, 'src/index.ts')],
      outfile: join(scope, name, 'index.cjs'),
    });
    const own = { name: `@throughline/${name}`, version: '0.0.0', main: 'index.cjs' };
    writeFileSync(join(scope, name, 'package.json'), JSON.stringify(own));
  }
  const dependencies = Object.fromEntries(plugins.map((name) => [`@throughline/${name}`, '0.0.0']));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'service', dependencies }));
}
