import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { transformSync } from 'esbuild';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findMappings } from './find-mappings.js';
import { SourceMaps } from './source-maps.js';

const source =
  'interface Order { id: string }\n\nexport function total(order: Order): number {\n  return order.id.length;\n}\n';
const compile = (sourcemap: 'inline' | 'external', sourcefile = 'total.ts') =>
  transformSync(source, { loader: 'ts', format: 'cjs', minify: true, sourcemap, sourcefile });
/** Where the compiled function begins, as V8 counts it. */
function placeIn(code: string) {
  const before = code.slice(0, code.indexOf('(', code.lastIndexOf('function '))).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, name: 'o' };
}

describe('a map is found', () => {
  test.each(['beside the file', 'inside the file', 'by a URL'])('%s', async (where) => {
    const folder = temporaryFolder();
    const file = join(folder, 'total.js');
    const { code, map } = compile(where === 'inside the file' ? 'inline' : 'external');
    const url = where === 'by a URL' ? `file://${folder}/total.js.map` : 'total.js.map';
    writeFileSync(file, where === 'inside the file' ? code : `${code}//# sourceMappingURL=${url}\n`);
    if (map) writeFileSync(`${file}.map`, map);
    const frames = await new SourceMaps().resolve([{ file, ...placeIn(code) }]);
    expect(frames).toEqual([{ name: 'total', file: join(folder, 'total.ts'), line: 3 }]);
  });

  test('also where sources have a root, and where they are addresses', async () => {
    const folder = temporaryFolder();
    const { code, map } = compile('external');
    const frameWith = async (name: string, changes: object) => {
      const file = join(folder, `${name}.js`);
      writeFileSync(file, `${code}//# sourceMappingURL=${name}.map`);
      writeFileSync(join(folder, `${name}.map`), JSON.stringify({ ...JSON.parse(map), ...changes }));
      return (await new SourceMaps().resolve([{ file, ...placeIn(code) }]))[0]?.file;
    };
    expect(await frameWith('rooted', { sourceRoot: '../src/' })).toBe(join(folder, '../src/total.ts'));
    expect(await frameWith('webpack', { sources: ['webpack://shop/./total.ts'] })).toBe(
      'webpack://shop/./total.ts',
    );
  });
});

test.each<[string, (folder: string, code: string, map: string) => void]>([
  ['no map', (folder) => writeFileSync(join(folder, 'total.js'), 'exports.a = 1;')],
  ['no file', () => {}],
  [
    'a map that is not there',
    (folder, code) => writeFileSync(join(folder, 'total.js'), `${code}//# sourceMappingURL=a.map`),
  ],
  [
    'a map that is no JSON',
    (folder, code) => {
      writeFileSync(join(folder, 'total.js'), `${code}//# sourceMappingURL=a.map`);
      writeFileSync(join(folder, 'a.map'), '<html>');
    },
  ],
  [
    'mappings that are not valid',
    (folder, code, map) => {
      writeFileSync(join(folder, 'total.js'), `${code}//# sourceMappingURL=a.map`);
      writeFileSync(join(folder, 'a.map'), JSON.stringify({ ...JSON.parse(map), mappings: '??' }));
    },
  ],
  [
    'a folder in the place of a map',
    (folder, code) => {
      writeFileSync(join(folder, 'total.js'), `${code}//# sourceMappingURL=a.map`);
      mkdirSync(join(folder, 'a.map'));
    },
  ],
])('with %s the frame shows the compiled code', async (_what, write) => {
  const folder = temporaryFolder();
  const { code, map } = compile('external');
  write(folder, code, map);
  const position = { file: join(folder, 'total.js'), ...placeIn(code) };
  const maps = new SourceMaps();
  const expected = { name: 'o', file: position.file, line: position.line };
  expect(await maps.resolve([position, { ...position, file: 'node:fs' }])).toEqual([
    expected,
    { ...expected, file: 'node:fs' },
  ]);
  // The second time without looking.
  expect(await maps.resolve([position])).toEqual([expected]);
});

test('mappings are those of Node', () => {
  const own = readFileSync(new URL(import.meta.url), 'utf8');
  const { code, map } = transformSync(own, { loader: 'ts', sourcemap: 'external', minify: true });
  const parsed = JSON.parse(map);
  const reference = new SourceMap(parsed);
  const lines = code.split('\n');
  const place = fc
    .nat(lines.length - 1)
    .chain((line) => fc.record({ line: fc.constant(line), column: fc.nat(lines[line]?.length ?? 0) }));
  fc.assert(
    fc.property(fc.array(place, { maxLength: 20 }), (places) => {
      const found = findMappings(parsed.mappings, places);
      places.forEach(({ line, column }, index) => {
        const entry = reference.findEntry(line, column) as Partial<import('node:module').SourceMapping>;
        // Node goes on to the line before if a line has no mapping; no function begins there.
        if (entry.generatedLine !== line) return;
        expect(
          found[index] && { source: parsed.sources[found[index].source], line: found[index].line },
        ).toEqual({
          source: entry.originalSource,
          line: entry.originalLine,
        });
      });
    }),
    { numRuns: 100 },
  );
});
