import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { unreachableTypes } from './public-types.js';

/** The entries that a person writes against, in the order of the page. */
const entries = [
  {
    name: '@throughline/core',
    file: 'packages/core/src/index.ts',
    about: 'What a service uses.',
  },
  {
    name: '@throughline/core/plugin',
    file: 'packages/core/src/plugin.ts',
    about:
      'Types for authors of plugins. [Writing a plugin](../writing-a-plugin.md) shows how they fit together.',
  },
  {
    name: '@throughline/core/testing',
    file: 'packages/core/src/testing.ts',
    about: 'For tests of services and plugins. [Testing](../testing.md) shows how to use it.',
  },
  {
    name: '@throughline/core/diagnosis',
    file: 'packages/core/src/diagnosis.ts',
    about: 'What `throughline doctor` asks about a service that is not running.',
  },
  {
    name: 'throughline',
    file: 'packages/cli/src/index.ts',
    about: 'The package of the command line. [SLOs and alerts](../slo.md) shows how to use it.',
  },
];

/** Types that only compute another one, and what for. Nobody has a value of them. */
const internalTypes: Readonly<Record<string, string>> = {
  OptionTable: 'the options with their rows, from which ResolvedOptions is computed',
  Values: 'the values of a table of options',
  WrongCalls: 'members that exist to be a compile error',
};

/** Interfaces whose members other generated pages list. */
const listedElsewhere: Readonly<Record<string, string>> = {
  ObservabilityOptions: 'Its members are in [Options](options.md).',
  ResolvedOptions: 'The options with all defaults filled in: [Options](options.md).',
  ErrorCode: 'The codes are in [Errors](errors.md).',
  DiagnosisCode: 'The codes are in [Findings](findings.md).',
};

export interface ApiPage {
  readonly text: string;
  /**
   * Faults of the exports: an export without a doc comment or an example, a type that nobody can import, a tag that
   * editors do not show.
   */
  readonly faults: readonly string[];
}

/** Entries whose pages say how to use them; only their types are checked here. */
function pluginEntries(root: string) {
  return readdirSync(join(root, 'packages'))
    .filter((folder) => folder !== 'core' && folder !== 'cli')
    .map((folder) => ({ name: `@throughline/${folder}`, file: `packages/${folder}/src/index.ts` }));
}

/** The reference of everything that these entries export, from its doc comments. */
export function apiPage(root: string): ApiPage {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const plugins = pluginEntries(root);
  const files = [...entries, ...plugins].map(({ file }) => join(root, file));
  const program = ts.createProgram(files, options);
  const checker = program.getTypeChecker();
  const faults = unreachableTypes(
    program,
    root,
    [...entries, ...plugins],
    new Set(Object.keys(internalTypes)),
  );

  const commentOf = (symbol: ts.Symbol) =>
    oneLine(ts.displayPartsToString(symbol.getDocumentationComment(checker)));
  const tagsOf = (declarations: readonly ts.Declaration[], name: string) =>
    declarations
      .flatMap((declaration) => ts.getJSDocTags(declaration))
      .filter((tag) => tag.tagName.text === name)
      .map((tag) =>
        tag
          .getText()
          .replace(`@${name}`, '')
          .replace(/^[ \t]*\* ?/gm, '')
          .trim(),
      );
  const commentOfDeclaration = (declaration: ts.Declaration) =>
    oneLine(
      ts
        .getJSDocCommentsAndTags(declaration)
        .flatMap((node) => (ts.isJSDoc(node) ? [ts.getTextOfJSDocComment(node.comment) ?? ''] : []))
        .join(' '),
    );
  const isInWorkspace = (declaration: ts.Declaration) =>
    !declaration.getSourceFile().fileName.includes('node_modules');

  /** What goes in, what comes out and what is thrown, as a list. */
  function detailsOf(declarations: readonly ts.Declaration[]): string[] {
    return [
      ...tagsOf(declarations, 'param').map((text) => `- ${text.replace(/^(\S+)\s*/, '`$1`: ')}`),
      ...tagsOf(declarations, 'returns').map((text) => `- Returns: ${text}`),
      ...tagsOf(declarations, 'throws').map((text) => `- Throws ${text}`),
    ].map((line) => oneLine(line));
  }

  function membersOf(owner: string, declaration: ts.InterfaceDeclaration): string[] {
    const type = checker.getTypeAtLocation(declaration);
    const rows: string[] = [];
    for (const member of type.getProperties()) {
      const declared = (member.getDeclarations() ?? []).filter(isInWorkspace);
      // Members that exist to be a compile error are not part of the reference.
      if (
        declared.length === 0 ||
        declared.some((one) => one.getSourceFile().fileName.endsWith('/wrong-call.ts'))
      )
        continue;
      if (commentOf(member) === '') faults.push(`${owner}.${member.name} has no doc comment`);
      faults.push(...misreadTags(`${owner}.${member.name}`, declared));
      const details = detailsOf(declared).map((line) => line.replace(/^- /, ''));
      // An overload is a row of its declared.
      for (const one of declared) {
        const comment = declared.length === 1 ? commentOf(member) : commentOfDeclaration(one);
        const signature = oneLine(
          one
            .getText()
            .replace(/\/\*\*[\s\S]*?\*\//g, '')
            .replace(/^readonly /, '')
            .replace(/;$/, ''),
        );
        const meaning = [comment, ...(one === declared[0] ? details : [])]
          .filter((text) => text !== '')
          .map((text) => (/[.!?:;]$/.test(text) ? text : `${text}.`));
        rows.push(`| ${code(signature)} | ${meaning.join(' ').replaceAll('|', '\\|')} |`);
      }
    }
    return rows.length === 0 ? [] : ['', '| member | |', '| --- | --- |', ...rows];
  }

  /** As it is written, or the words themselves where it only says that they are those of a list. */
  function aliasText(alias: ts.TypeAliasDeclaration): string {
    if (!/\(typeof \w+\)\[number\]|keyof typeof/.test(alias.type.getText()))
      return alias.getText().replace(/^export /, '');
    const { NoTruncation, InTypeAlias, UseSingleQuotesForStringLiteralType } = ts.TypeFormatFlags;
    const flags = NoTruncation | InTypeAlias | UseSingleQuotesForStringLiteralType;
    return `type ${alias.name.text} = ${checker.typeToString(checker.getTypeAtLocation(alias), undefined, flags)};`;
  }

  function section(entry: string, exported: ts.Symbol): string[] {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const { name } = exported;
    const declarations = symbol.getDeclarations() ?? [];
    const isValue = (symbol.flags & ts.SymbolFlags.Value) !== 0;
    const comment = commentOf(symbol);
    if (comment === '') faults.push(`${entry}: ${name} has no doc comment`);
    const examples = tagsOf(declarations, 'example');
    if (isValue && examples.length === 0) faults.push(`${entry}: ${name} has no example`);
    const lines = ['', `### ${name}`, '', comment];
    const call = declarations.find(ts.isFunctionDeclaration);
    if (call) lines.splice(3, 0, '```ts', signatureOf(call), '```', '');
    faults.push(...misreadTags(`${entry}: ${name}`, declarations));
    const tags = detailsOf(declarations);
    if (tags.length > 0) lines.push('', ...tags);
    const elsewhere = listedElsewhere[name];
    const declared = declarations.find(ts.isInterfaceDeclaration);
    const alias = declarations.find(ts.isTypeAliasDeclaration);
    if (elsewhere) lines.push('', elsewhere);
    else if (declared) lines.push(...membersOf(name, declared));
    else if (alias && !isValue) lines.push('', '```ts', aliasText(alias), '```');
    for (const example of examples) lines.push('', '```ts', example.trim(), '```');
    return lines;
  }

  const parts = entries.map(({ name, file, about }) => {
    const source = program.getSourceFile(join(root, file));
    const module = source && checker.getSymbolAtLocation(source);
    if (!module) throw new Error(`${file} is not a module`);
    const all = checker.getExportsOfModule(module).filter((symbol) => !isMoved(symbol, checker));
    const isValue = (symbol: ts.Symbol) =>
      ((symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol).flags &
        ts.SymbolFlags.Value) !==
      0;
    const byName = (a: ts.Symbol, b: ts.Symbol) => a.name.localeCompare(b.name, 'en');
    const values = all.filter(isValue).sort(byName);
    const types = all.filter((symbol) => !isValue(symbol)).sort(byName);
    return ['', `## ${name}`, '', about, ...[...values, ...types].flatMap((symbol) => section(name, symbol))];
  });
  const text = `<!-- Generated from the doc comments of packages/core/src by \`npm run generate\`; do not edit. -->

# API

Everything that \`@throughline/core\` exports. Options are in [Options](options.md), errors in [Errors](errors.md).
${parts.flat().join('\n')}
`;
  return { text, faults };
}

/**
 * Tags such as `@throws {@link SomeError} when …`: editors read what is in braces as a type, and do not show it.
 */
export function misreadTags(name: string, declarations: readonly ts.Declaration[]): string[] {
  return declarations
    .flatMap((declaration) => ts.getJSDocTags(declaration))
    .filter((tag) => /^@(throws|returns)\s+\{/.test(tag.getText()))
    .map((tag) => `${name}: write @${tag.tagName.text} without braces, which editors read as a type`);
}

/** A name that stays on the main entry only to name the entry that it moved to. */
function isMoved(symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return (target.getDeclarations() ?? []).some((one) =>
    one.getSourceFile().fileName.endsWith('/moved-to-plugin.ts'),
  );
}

function signatureOf(declaration: ts.FunctionDeclaration): string {
  const { body } = declaration;
  const text = declaration.getText();
  return (body ? text.slice(0, text.length - body.getText().length) : text).replace(/^export /, '').trim();
}

function oneLine(text: string): string {
  return text
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\{@link (\S+?) ?\}/g, '`$1`')
    .trim();
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}
