import { join } from 'node:path';
import ts from 'typescript';

/** An entry of a published package. */
export interface PublicEntry {
  /** As it is imported: `@throughline/core/plugin`. */
  readonly name: string;
  /** Path of its source, from the root of the workspace. */
  readonly file: string;
}

/**
 * Finds types that an exported signature names but that no entry exports: users cannot write the type of such a value.
 * It also finds exports without a declared type, because the names in an inferred type cannot be checked.
 *
 * @param internal types that only compute an exported type, so that no value has them
 * @returns a line for each, which says who names it
 */
export function unreachableTypes(
  program: ts.Program,
  root: string,
  entries: readonly PublicEntry[],
  internal: ReadonlySet<string> = new Set(),
): string[] {
  const checker = program.getTypeChecker();
  const exported = new Map<ts.Symbol, string>();
  for (const { name, file } of entries) {
    const source = program.getSourceFile(join(root, file));
    const module = source && checker.getSymbolAtLocation(source);
    if (!module) throw new Error(`${file} is not a module`);
    for (const symbol of checker.getExportsOfModule(module)) exported.set(resolved(symbol), name);
  }
  const found = new Set<string>();
  for (const [symbol, entry] of exported) {
    for (const declaration of symbol.getDeclarations() ?? []) {
      if (isOfWorkspace(declaration)) visitDeclaration(declaration, `${symbol.name} of ${entry}`);
    }
  }
  return [...found].sort();

  function resolved(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  }

  function visitDeclaration(declaration: ts.Declaration, from: string): void {
    if (ts.isVariableDeclaration(declaration) && !declaration.type) found.add(`${from} declares no type`);
    if (ts.isFunctionDeclaration(declaration) && !declaration.type)
      found.add(`${from} declares no type of what it returns`);
    ts.forEachChild(declaration, (child) => visit(child, from));
  }

  function visit(node: ts.Node, from: string): void {
    if (ts.isBlock(node) || isHidden(node) || isListOfWords(node)) return;
    // What a value is initialized with is not part of its type.
    const { parent } = node;
    if ('initializer' in parent && parent.initializer === node) return;
    if (ts.isIdentifier(node) && namesType(node)) {
      const symbol = checker.getSymbolAtLocation(node);
      if (symbol) check(resolved(symbol), from);
    }
    ts.forEachChild(node, (child) => visit(child, from));
  }

  function check(symbol: ts.Symbol, from: string): void {
    if (exported.has(symbol) || internal.has(symbol.name)) return;
    if (symbol.flags & ts.SymbolFlags.TypeParameter) return;
    const declarations = symbol.getDeclarations() ?? [];
    if (!declarations.some(isOfWorkspace)) return;
    const [first] = declarations;
    const file = first?.getSourceFile().fileName.slice(root.length + 1);
    found.add(`${from} names ${symbol.name} (${file}), which no entry exports`);
  }
}

function isOfWorkspace(declaration: ts.Declaration): boolean {
  return !declaration.getSourceFile().fileName.includes('/node_modules/');
}

/** `(typeof words)[number]` and `keyof typeof table` are unions of words. The list itself need not be exported. */
function isListOfWords(node: ts.Node): boolean {
  return (
    ts.isTypeQueryNode(node) &&
    (ts.isTypeOperatorNode(node.parent) ||
      ts.isParenthesizedTypeNode(node.parent) ||
      ts.isIndexedAccessTypeNode(node.parent))
  );
}

/** Private members are not in the published types with theirs. */
function isHidden(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)
  );
}

/** Whether an identifier names a type here: in a reference, after `extends`, or after `typeof`. */
function namesType(node: ts.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isTypeReferenceNode(parent) && parent.typeName === node) ||
    (ts.isExpressionWithTypeArguments(parent) && parent.expression === node) ||
    (ts.isTypeQueryNode(parent) && parent.exprName === node)
  );
}
