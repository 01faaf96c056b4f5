import { createRequire } from 'node:module';
import { join } from 'node:path';
import type TypeScript from 'typescript';

/** Files that look the same however modules are resolved: those of the language, and of Node. */
const isShared = (path: string) => /\/node_modules\/(?:typescript\/lib|@types\/node)\//.test(path);

/**
 * A compiler of the version that is installed in a folder. It checks a file of the folder and all of our declarations
 * that the file leads to. Declarations of others are read, and not checked.
 *
 * @returns a function of the name of a file and of the options that differ from call to call; it returns what the
 *   compiler says
 */
export function typeChecker(folder: string) {
  const ts: typeof TypeScript = createRequire(join(folder, 'package.json'))('typescript');
  const shared = new Map<string, TypeScript.SourceFile>();
  const isOurs = (path: string) =>
    path.includes('/node_modules/@throughline/') || path.includes('/node_modules/throughline/');
  return (file: string, flags: readonly string[]): string[] => {
    const { options, fileNames, errors } = ts.parseCommandLine([...flags, join(folder, file)]);
    const host = ts.createCompilerHost(options);
    host.getCurrentDirectory = () => folder;
    const { getSourceFile } = host;
    host.getSourceFile = (path, ...rest) => {
      const known = shared.get(path);
      if (known) return known;
      const source = getSourceFile(path, ...rest);
      if (source && isShared(path)) shared.set(path, source);
      return source;
    };
    const program = ts.createProgram(fileNames, options, host);
    const checked = program
      .getSourceFiles()
      .filter(({ fileName }) => fileNames.includes(fileName) || isOurs(fileName));
    const said = [
      ...errors,
      ...program.getOptionsDiagnostics(),
      ...program.getGlobalDiagnostics(),
      ...checked.flatMap((source) => [
        ...program.getSyntacticDiagnostics(source),
        ...program.getSemanticDiagnostics(source),
      ]),
    ];
    if (checked.length < 2) throw new Error(`${file} leads to no declaration of ours.`);
    return said.map((diagnostic) => ts.formatDiagnostic(diagnostic, host));
  };
}
