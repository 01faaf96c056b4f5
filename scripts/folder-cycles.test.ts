import { expect, test } from 'vitest';
import { folderCycles } from './folder-cycles.mjs';

test('folders that need each other are a cycle, shown from the pair with the fewest imports', () => {
  expect(
    folderCycles([
      ['src/a/one.ts', 'src/b/two.ts'],
      ['src/a/three.ts', 'src/b/two.ts'],
      ['src/b/two.ts', 'src/c/four.ts'],
      ['src/b/five.ts', 'src/c/four.ts'],
      ['src/c/four.ts', 'src/a/five.ts'],
      ['src/d/six.ts', 'src/a/one.ts'],
    ]),
  ).toEqual([
    {
      folders: ['src/c', 'src/a', 'src/b'],
      imports: [
        'src/c/four.ts → src/a/five.ts',
        'src/a/one.ts → src/b/two.ts',
        'src/a/three.ts → src/b/two.ts',
        'src/b/two.ts → src/c/four.ts',
        'src/b/five.ts → src/c/four.ts',
      ],
    },
  ]);
});

test('of folders that all need each other, the shortest cycle is shown', () => {
  const ring = ['a', 'b', 'c', 'd'].map(
    (name, index, names) => [`${name}/x.ts`, `${names[(index + 1) % 4]}/x.ts`] as const,
  );
  const [cycle, ...others] = folderCycles([...ring, ...ring, ['b/y.ts', 'a/y.ts']]);
  expect(others).toEqual([]);
  expect(cycle?.folders).toEqual(['b', 'a']);
});

test('a folder and its subfolder are two folders', () => {
  const down = ['src/plugin.ts', 'src/pg/setup.ts'] as const;
  expect(folderCycles([down, ['src/pg/setup.ts', 'src/pg/client.ts']])).toEqual([]);
  expect(folderCycles([down, ['src/pg/setup.ts', 'src/context.ts']])).toHaveLength(1);
});
