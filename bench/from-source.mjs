/* What is inside core, for benchmarks of single parts: bundled from its source. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** @param contents the exports, by paths in `packages/core/src` */
export async function fromSource(contents) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-source-'));
  const outfile = join(folder, 'parts.mjs');
  await build({
    stdin: {
      contents,
      resolveDir: fileURLToPath(new URL('../packages/core/src/', import.meta.url)),
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    external: ['@opentelemetry/api'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    alias: { '@opentelemetry/api': fileURLToPath(import.meta.resolve('@opentelemetry/api')) },
  });
  const parts = await import(pathToFileURL(outfile).href);
  rmSync(folder, { recursive: true });
  return parts;
}
