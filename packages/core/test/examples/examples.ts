import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { codeBlocks } from '../../../../scripts/code-blocks.js';

export interface Example {
  /** File and line that it starts in. */
  readonly place: string;
  readonly code: string;
}

/** The TypeScript and JavaScript blocks of a Markdown page. */
export function examplesOfPage(root: string, page: string): Example[] {
  return codeBlocks(page, readFileSync(join(root, page), 'utf8')).filter(({ language }) =>
    ['ts', 'js', 'mjs', 'tsx', 'typescript', 'javascript'].includes(language),
  );
}

/** The `@example` blocks of the doc comments in a source file. */
export function examplesOfSource(root: string, path: string): Example[] {
  const text = readFileSync(join(root, path), 'utf8');
  if (!text.includes('@example')) return [];
  const examples: Example[] = [];
  for (const comment of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const lines = comment[0]
      .replace(/\s*\*\/$/, '')
      .split('\n')
      .map((line) => line.replace(/^\s*(?:\/\*\*|\*) ?/, ''));
    const start = text.slice(0, comment.index).split('\n').length;
    for (const [index, line] of lines.entries()) {
      if (!line.startsWith('@example')) continue;
      const end = lines.findIndex((other, at) => at > index && /^@\w/.test(other) && !/^@\w+\(/.test(other));
      const code = [line.slice('@example'.length), ...lines.slice(index + 1, end < 0 ? undefined : end)];
      examples.push({ place: `${path}:${start + index}`, code: code.join('\n') });
    }
  }
  return examples;
}

/** The files below a folder whose names end so, from the root of the workspace; not those of installed packages. */
export function filesIn(root: string, folder: string, ending: string, isDeep = true): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
      // The build copies pages there.
      if (/^packages\/[^/]+\/docs$/.test(path)) return [];
      if (entry.isFile()) return path.endsWith(ending) ? [path] : [];
      return isDeep && entry.isDirectory() && !/^(?:node_modules|dist|code-bases|\..*)$/.test(entry.name)
        ? filesIn(root, path, ending)
        : [];
    })
    .sort();
}

/**
 * Type-checks modules that exist in memory only, with the compiler options of the workspace.
 *
 * @param modules code by name
 * @returns what the compiler says, by name; nothing for a module without errors
 */
export function typeCheck(root: string, modules: Readonly<Record<string, string>>): Record<string, string[]> {
  const folder = join(root, 'packages/core/test/examples');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  // Names that only show how something is called are not used.
  Object.assign(options, {
    noUnusedLocals: false,
    noUnusedParameters: false,
    moduleDetection: ts.ModuleDetectionKind.Force,
  });
  const virtual = new Map(
    Object.entries(modules).map(([name, code], index) => [
      join(folder, `example-${index}.ts`),
      { name, code },
    ]),
  );
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => virtual.has(path) || fileExists(path);
  host.getSourceFile = (path, version, ...rest) => {
    const example = virtual.get(path);
    return example ? ts.createSourceFile(path, example.code, version) : getSourceFile(path, version, ...rest);
  };
  const globals = ['reader.ts', 'modules.d.ts'].map((name) => join(folder, name));
  const program = ts.createProgram([...globals, ...virtual.keys()], options, host);
  const found: Record<string, string[]> = {};
  for (const [path, { name }] of [...virtual, ...globals.map((path) => [path, { name: path }] as const)]) {
    const source = program.getSourceFile(path);
    if (!source) throw new Error(`No source file ${path}`);
    const diagnostics = [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ];
    if (diagnostics.length > 0)
      found[name] = diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  }
  return found;
}
