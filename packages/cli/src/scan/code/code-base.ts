import { dirname, join, relative, sep } from 'node:path';
import type * as t from '@babel/types';
import { parseCode } from './parse.js';
import { problemOf } from './problem.js';
import { analyseScopes, type Scopes } from './scopes.js';
import { isMember, keyName, lastName, literalText, type Node } from './syntax.js';
import { mayMentionTraces } from './trace-names.js';

/** One parsed file. */
export interface CodeFile {
  /** Absolute path. */
  readonly path: string;
  /** Path from the scanned folder, with `/`. */
  readonly name: string;
  readonly text: string;
  readonly program: t.Program;
  readonly scopes: Scopes;
  /** What the file offers to others, by name. */
  readonly exports: ReadonlyMap<string, Node>;
  /** `export * from` and `module.exports = require()`: where else an export may come from. */
  readonly passedOn: readonly string[];
}

export interface Unparsed {
  readonly file: string;
  readonly message: string;
}

export interface CodeBase {
  readonly files: readonly CodeFile[];
  readonly unparsed: readonly Unparsed[];
  /** The file that an import means; undefined for packages. */
  resolve(from: CodeFile, source: string): CodeFile | undefined;
}

/** Parses the files that can hold a finding, or a name that one of them imports. */
export function readCodeBase(
  folder: string,
  texts: ReadonlyMap<string, string>,
  extraHeaders: ReadonlySet<string>,
): CodeBase {
  const parsed = new Map<string, CodeFile | undefined>();
  const unparsed: Unparsed[] = [];
  const open = (path: string): CodeFile | undefined => {
    if (parsed.has(path)) return parsed.get(path);
    const text = texts.get(path);
    if (text === undefined) return undefined;
    const name = relative(folder, path).split(sep).join('/');
    let file: CodeFile | undefined;
    try {
      const { program } = parseCode(path, text);
      file = { path, name, text, program, scopes: analyseScopes(program), ...exportsOf(program) };
    } catch (error) {
      unparsed.push({ file: name, message: problemOf(error) });
    }
    parsed.set(path, file);
    return file;
  };

  const constants = new Set<string>();
  for (const [path, text] of texts) {
    if (!mayMentionTraces(text, extraHeaders)) continue;
    for (const name of open(path)?.exports.keys() ?? [])
      if (/^[A-Z][A-Z0-9_]{3,}$/.test(name)) constants.add(name);
  }
  // A header's constant may have a name that says nothing: who uses such a name is read too.
  if (constants.size > 0) {
    const anyConstant = new RegExp(`\\b(?:${[...constants].join('|')})\\b`);
    for (const [path, text] of texts) if (!parsed.has(path) && anyConstant.test(text)) open(path);
  }

  const bySuffix = new Map<string, string[]>();
  const suffixMatch = (source: string): string | undefined => {
    // `@/http/headers`, `src/http/headers`: a path alias that the compiler's options define.
    const suffix = source.replace(/^[@~#]?[^/]*\//, '').replace(/\.[cm]?[jt]sx?$/, '');
    if (suffix === '' || suffix === source) return undefined;
    let paths = bySuffix.get(suffix);
    if (!paths) {
      const wanted = new RegExp(`/${suffix.replace(/[^\w/-]/g, '.')}(?:/index)?\\.(?:[cm]?[jt]s|[jt]sx)$`);
      paths = [...texts.keys()].filter((path) => wanted.test(path.split(sep).join('/')));
      bySuffix.set(suffix, paths);
    }
    return paths.length === 1 ? paths[0] : undefined;
  };

  return {
    get files() {
      return [...parsed.values()]
        .filter((file) => file !== undefined)
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    unparsed,
    resolve(from, source) {
      const path = source.startsWith('.')
        ? candidates(join(dirname(from.path), source)).find((candidate) => texts.has(candidate))
        : source.includes('/')
          ? suffixMatch(source)
          : undefined;
      return path === undefined ? undefined : open(path);
    },
  };
}

const extensions = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'];

function candidates(path: string): string[] {
  const stem = path.replace(/\.([cm]?)jsx?$/, '');
  return [
    path,
    ...extensions.map((extension) => path + extension),
    // TypeScript writes the `.js` that there will be.
    ...(stem === path ? [] : extensions.map((extension) => stem + extension)),
    ...extensions.map((extension) => join(path, `index${extension}`)),
  ];
}

function exportsOf(program: t.Program): { exports: Map<string, Node>; passedOn: string[] } {
  const exports = new Map<string, Node>();
  const passedOn: string[] = [];
  const put = (name: string, value: Node) => {
    // `exports.X = void 0` of compiled modules comes first and means nothing.
    if (value.type !== 'UnaryExpression') exports.set(name, value);
  };
  for (const statement of program.body) {
    switch (statement.type) {
      case 'ExportAllDeclaration':
        passedOn.push(statement.source.value);
        break;
      case 'ExportDefaultDeclaration':
        put('default', statement.declaration);
        break;
      case 'ExportNamedDeclaration': {
        const { declaration } = statement;
        if (declaration?.type === 'VariableDeclaration') {
          for (const { id, init } of declaration.declarations) {
            if (id.type === 'Identifier' && init) put(id.name, init);
          }
        } else if (declaration && 'id' in declaration && declaration.id?.type === 'Identifier') {
          put(declaration.id.name, declaration);
        }
        for (const specifier of statement.specifiers) {
          if (specifier.type !== 'ExportSpecifier') continue;
          const { exported } = specifier;
          const name = exported.type === 'Identifier' ? exported.name : exported.value;
          put(name, statement.source ? specifier : specifier.local);
        }
        break;
      }
      case 'ExpressionStatement':
        readCommonJs(statement.expression, put, passedOn);
        break;
    }
  }
  return { exports, passedOn };
}

function readCommonJs(expression: Node, put: (name: string, value: Node) => void, passedOn: string[]): void {
  if (expression.type !== 'AssignmentExpression' || !isMember(expression.left)) return;
  const { object } = expression.left;
  const property = keyName(expression.left as never);
  const value = expression.right;
  if (object.type === 'Identifier' && object.name === 'module' && property === 'exports') {
    put('*', value);
    if (value.type === 'ObjectExpression') {
      for (const member of value.properties) {
        if (member.type === 'ObjectProperty') put(keyName(member) ?? '', member.value);
        if (member.type === 'ObjectMethod') put(keyName(member) ?? '', member);
      }
    } else {
      put('default', value);
    }
    const called = value.type === 'CallExpression' && value.callee.type === 'Identifier' ? value : undefined;
    const source =
      called && lastName(called.callee) === 'require' ? literalText(called.arguments[0]) : undefined;
    if (source !== undefined) passedOn.push(source);
  } else if (
    property !== undefined &&
    ((object.type === 'Identifier' && object.name === 'exports') ||
      (isMember(object) && keyName(object as never) === 'exports'))
  ) {
    put(property, value);
    if (value.type === 'AssignmentExpression') readCommonJs(value, put, passedOn);
  }
}
