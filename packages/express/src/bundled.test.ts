import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';

const folder = await mkdtemp(join(tmpdir(), 'throughline-bundle-'));
afterAll(() => rm(folder, { recursive: true }));

const service = (express: string) => `
  import express from '${express}';
  import { captureObservability } from '@throughline/core/testing';
  import { expressPlugin } from '@throughline/express';

  const app = express();
  app.use('/shop/:shop', express.Router().get('/orders/:id', (req, res) => res.send('ok')));
  const server = app.listen(0, async () => {
    const captured = captureObservability({ plugins: [expressPlugin({ modules: { express } })] });
    await fetch('http://127.0.0.1:' + server.address().port + '/shop/7/orders/9');
    const span = await captured.waitForSpan((span) => 'http.route' in span.attributes);
    console.log(span.name);
    process.exit();
  });
`;

describe.each(['express', 'express4'])('a service bundled into one file with %s', (copy) => {
  test.each(['cjs', 'esm'] as const)('as %s', async (format) => {
    const file = join(folder, `${copy}.${format === 'cjs' ? 'cjs' : 'mjs'}`);
    const source = (path: string) => join(import.meta.dirname, '../..', path);
    await build({
      stdin: { contents: service(copy), resolveDir: import.meta.dirname, loader: 'ts' },
      bundle: true,
      minify: true,
      platform: 'node',
      format,
      outfile: file,
      alias: {
        '@throughline/core/testing': source('core/src/testing.ts'),
        '@throughline/express': source('express/src/index.ts'),
      },
      // CommonJS inside an ES module asks for a require.
      banner: {
        js:
          format === 'esm'
            ? "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"
            : '',
      },
      logLevel: 'error',
    });
    const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 15_000 });
    expect(stdout.trim()).toBe('GET /shop/:shop/orders/:id');
  });
});
