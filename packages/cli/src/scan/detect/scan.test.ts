import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { listSourceFiles } from '../code/source-files.js';
import { scanFolder } from './scan.js';

const codeBases = fileURLToPath(new URL('../../../test/code-bases', import.meta.url));

/** `file:line kind` for each kind that a comment `// finds: kind kind` names on its line. */
function written(folder: string): string[] {
  return listSourceFiles(folder).flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        (/\/\/ finds: (.*)$/.exec(line)?.[1] ?? '')
          .split(' ')
          .filter((kind) => kind !== '')
          .map((kind) => `${path.slice(folder.length + 1)}:${index + 1} ${kind}`),
      ),
  );
}

function found(folder: string, headers: string[] = []): string[] {
  return scanFolder(folder, headers).findings.map(({ file, line, kind }) => `${file}:${line} ${kind}`);
}

describe('code bases written for it', () => {
  test.each(readdirSync(codeBases))('%s: every place that is marked, and no other', (name) => {
    const folder = join(codeBases, name);
    expect(found(folder).sort()).toEqual(written(folder).sort());
    expect(written(folder).length > 0).toBe(name !== 'innocent');
  });
});

/** Where an installed package lies. */
function packageFolder(name: string): string {
  return fileURLToPath(new URL(`../../../node_modules/${name}`, import.meta.url));
}

describe('published packages that do it by hand: what reading them shows', () => {
  test.each<[name: string, places: string[]]>([
    [
      'express-request-id',
      [
        'index.js:15 header-read',
        'index.js:16 id-made',
        'index.js:19 header-returned',
        'index.js:22 context-stored',
      ],
    ],
    [
      'express-mw-correlation-id',
      [
        'index.js:22 header-read',
        'index.js:24 context-stored',
        'index.js:24 id-made',
        'index.js:25 header-returned',
      ],
    ],
    [
      'koa-requestid',
      [
        'index.js:30 header-read',
        'index.js:34 id-made',
        'index.js:38 header-returned',
        'index.js:41 context-stored',
      ],
    ],
    [
      // Line 27, `id = randomUUID()`, is handed to a function that is itself an argument: too far to follow.
      'correlation-id',
      ['index.js:6 context-stored', 'index.js:16 context-stored', 'index.js:20 context-stored'],
    ],
    [
      'express-correlation-id',
      [
        'examples/simple-example.js:10 logged',
        'examples/simple-example.js:13 logged',
        'index.js:3 library',
        'index.js:11 context-stored',
        'index.js:12 context-stored',
        'index.js:13 header-read',
        'test/correlator.tests.js:26 header-sent',
      ],
    ],
    [
      // Not found: line 56 calls 18 or 21 through a parameter; line 246 makes an id for a
      // parameter called `id`.
      'cls-rtracer',
      [
        'src/rtracer.js:9 context-stored',
        'src/rtracer.js:18 header-returned',
        'src/rtracer.js:21 header-returned',
        ...['51 header-read', '53 id-made', '59 context-stored'].map((at) => `src/rtracer.js:${at}`),
        ...['94 header-read', '99 id-made', '102 header-returned', '105 context-stored'].map(
          (at) => `src/rtracer.js:${at}`,
        ),
        ...['138 header-read', '140 id-made', '143 header-returned', '146 context-stored'].map(
          (at) => `src/rtracer.js:${at}`,
        ),
        ...[
          '175 header-read',
          '177 id-made',
          '180 header-returned',
          '183 context-stored',
          '188 context-stored',
        ].map((at) => `src/rtracer.js:${at}`),
        ...[
          '212 header-read',
          '214 id-made',
          '216 context-stored',
          '225 header-returned',
          '227 header-returned',
        ].map((at) => `src/rtracer.js:${at}`),
        ...['234 context-stored', '247 context-stored', '254 context-read'].map(
          (at) => `src/rtracer.js:${at}`,
        ),
      ],
    ],
    [
      // Not found: what goes over a list of any headers (lines 29 to 46 and 77 to 91).
      'hpropagate',
      [
        'lib/http_wrapper.js:21 header-read',
        'lib/http_wrapper.js:23 id-made',
        'lib/http_wrapper.js:26 header-returned',
      ],
    ],
    [
      '@vizydrop/correlation-id',
      [
        'lib/correlator.js:27 context-stored',
        'lib/correlator.js:27 id-made',
        'lib/correlator.js:33 context-read',
        'lib/correlator.js:38 context-stored',
        'lib/correlator.js:38 id-made',
        'lib/enhance-got.js:13 header-sent',
        'lib/enhance-http-proxy.js:6 header-sent',
        'lib/enhance-http-proxy.js:8 header-read',
        'lib/enhance-request.js:7 header-sent',
        'lib/express-middleware.js:12 header-read',
        'lib/express-middleware.js:16 context-stored',
        'lib/express-middleware.js:17 header-returned',
        'lib/koa-middleware.js:12 header-read',
        'lib/koa-middleware.js:16 context-stored',
        'lib/koa-middleware.js:17 header-returned',
      ],
    ],
    [
      '@eropple/nestjs-correlation-id/src',
      [
        'correlation-id.middleware.ts:9 header-read',
        'correlation-id.middleware.ts:9 id-made',
        'correlation-id.middleware.ts:11 context-stored',
        'correlation-id.middleware.ts:12 header-returned',
      ],
    ],
    [
      // Compiled TypeScript. Not found: line 28, which writes a header whose name only the configuration knows.
      '@evanion/nestjs-correlation-id/dist',
      [
        'correlation-id.middleware.js:26 header-read',
        'correlation-id.middleware.js:30 header-returned',
        'correlation.service.js:23 id-made',
        'withCorrelation.function.js:19 header-sent',
      ],
    ],
  ])('%s', (name, places) => {
    const withoutSpecs = found(packageFolder(name)).filter((place) => !place.includes('.spec.'));
    expect(withoutSpecs.sort()).toEqual([...places].sort());
  });
});

test.each([
  'express',
  'axios',
  'commander',
  'pg',
  'winston',
  'pino',
  'bunyan',
  'semver',
  '@opentelemetry/core',
  '@opentelemetry/propagator-b3',
  '@opentelemetry/instrumentation-http',
])('%s, which does nothing of the kind: nothing', (name) => {
  const { findings, files } = scanFolder(
    join(packageFolder(name), name.startsWith('@opentelemetry') ? 'build/src' : ''),
  );
  expect(files.found).toBeGreaterThan(0);
  expect(findings.filter(({ inTest }) => !inTest)).toEqual([]);
});
