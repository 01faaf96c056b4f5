import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, describe, expect, test } from 'vitest';
import { misreadTags } from './api-page.js';
import { unreachableTypes } from './public-types.js';

const root = mkdtempSync(join(tmpdir(), 'throughline-public-types-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A package with one entry, made of the given files. */
function programOf(files: Readonly<Record<string, string>>): ts.Program {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  const options = { noLib: true, types: [], module: ts.ModuleKind.ESNext };
  return ts.createProgram([join(root, 'index.ts')], {
    ...options,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  });
}

const found = (files: Readonly<Record<string, string>>, internal?: ReadonlySet<string>) =>
  unreachableTypes(programOf(files), root, [{ name: 'orders', file: 'index.ts' }], internal);

describe('a type that an export names and no entry exports is found', () => {
  const hidden = 'export interface Hidden { readonly id: string }\n';

  test.each([
    ['a parameter', 'export function read(options: Hidden): void {}'],
    ['a result', 'export declare function read(): Hidden;'],
    ['a member', 'export interface Options { readonly hidden?: Hidden | undefined }'],
    ['a base', 'export interface Options extends Hidden {}'],
    ['a type argument', 'export type Read = (all: Set<Hidden>) => void; interface Set<T> { readonly of: T }'],
    ['a constant', 'export declare const hidden: Hidden;'],
    ['a class', 'export declare class Reader { read(): Hidden }'],
  ])('%s', (_, text) => {
    expect(
      found({ 'index.ts': `import type { Hidden } from './hidden.js';\n${text}`, 'hidden.ts': hidden }),
    ).toContainEqual(
      expect.stringMatching(/ of orders names Hidden \(hidden\.ts\), which no entry exports$/),
    );
  });

  test('through an exported type as well, not through what is private or internal', () => {
    const files = {
      'index.ts': "export type { Outer, Reader } from './outer.js';",
      'outer.ts': `export interface Outer { readonly inner: Inner }
export interface Inner { readonly id: string }
export declare class Reader { private readonly inner: Inner }`,
    };
    expect(found(files)).toEqual(['Outer of orders names Inner (outer.ts), which no entry exports']);
    expect(found(files, new Set(['Inner']))).toEqual([]);
  });
});

test('an export whose type only the compiler knows is found', () => {
  expect(
    found({ 'index.ts': 'export const limit = 3;\nexport function limits() { return [limit]; }' }),
  ).toEqual(['limit of orders declares no type', 'limits of orders declares no type of what it returns']);
});

test('a union of words, and a type that is exported under another name, are reachable', () => {
  const files = {
    'index.ts':
      "export type { Level } from './levels.js';\nexport type { Limits as Settings } from './levels.js';\nexport type { Use } from './levels.js';",
    'levels.ts': `export const levels = ['info', 'error'] as const;
export type Level = (typeof levels)[number];
export interface Limits { readonly level: Level }
export type Use = (limits: Limits) => void;`,
  };
  expect(found(files)).toEqual([]);
});

test('a tag whose text editors would read as a type is found', () => {
  const source = ts.createSourceFile(
    'orders.ts',
    `/** @throws {@link OrderError} when it fails */\nfunction wrong() {}\n/** @throws OrderError when it fails */\nfunction right() {}`,
    ts.ScriptTarget.Latest,
    true,
  );
  expect(source.statements.filter(ts.isFunctionDeclaration).map((one) => misreadTags('f', [one]))).toEqual([
    ['f: write @throws without braces, which editors read as a type'],
    [],
  ]);
});
