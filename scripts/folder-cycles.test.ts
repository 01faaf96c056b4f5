import { expect, test } from 'vitest';
import { folderCycles } from './folder-cycles.mjs';

test('folders that need each other are a cycle, with the imports that close it first', () => {
  expect(
    folderCycles([
      ['src/a/one.ts', 'src/b/two.ts'],
      ['src/a/three.ts', 'src/b/two.ts'],
      ['src/b/two.ts', 'src/c/four.ts'],
      ['src/c/four.ts', 'src/a/five.ts'],
      ['src/d/six.ts', 'src/a/one.ts'],
    ]),
  ).toEqual([
    {
      folders: ['src/a', 'src/b', 'src/c'],
      imports: [
        'src/b/two.ts → src/c/four.ts',
        'src/c/four.ts → src/a/five.ts',
        'src/a/one.ts → src/b/two.ts',
        'src/a/three.ts → src/b/two.ts',
      ],
    },
  ]);
});

test('a folder and its subfolder are two folders', () => {
  const down = ['src/plugin.ts', 'src/pg/setup.ts'] as const;
  expect(folderCycles([down, ['src/pg/setup.ts', 'src/pg/client.ts']])).toEqual([]);
  expect(folderCycles([down, ['src/pg/setup.ts', 'src/context.ts']])).toHaveLength(1);
});
