import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A file of a package as the generators of the reference read it. */
export interface SourceFile {
  /** Path from the root of the workspace. */
  readonly path: string;
  readonly tree: ts.SourceFile;
}

/** The sources of the packages that run in a service, without their tests. */
export function* sourcesOfService(root: string, contains: RegExp): Generator<SourceFile> {
  for (const name of readdirSync(join(root, 'packages')).sort()) {
    if (name === 'cli') continue;
    const folder = `packages/${name}/src`;
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      const path = `${folder}/${file.replaceAll('\\', '/')}`;
      if (!path.endsWith('.ts') || path.endsWith('.test.ts') || path.includes('/core/src/testing/')) continue;
      const text = readFileSync(join(root, path), 'utf8');
      if (contains.test(text)) yield { path, tree: parse(path, text) };
    }
  }
}

export function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

export function visitAll(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => visitAll(child, visit));
}

/**
 * Compares what a page describes with what the code names.
 *
 * @throws Error with the names that only one of them has
 */
export function expectSame(what: string, described: Iterable<string>, inCode: Iterable<string>): void {
  const [left, right] = [new Set(described), new Set(inCode)];
  const undescribed = [...right].filter((name) => !left.has(name));
  const gone = [...left].filter((name) => !right.has(name));
  if (undescribed.length > 0) throw new Error(`${what} without a description: ${undescribed.join(', ')}`);
  if (gone.length > 0) throw new Error(`${what} that are described, but in no code: ${gone.join(', ')}`);
}
