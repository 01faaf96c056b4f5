import type { CodeFile } from '../code/code-base.js';
import { parseCode } from '../code/parse.js';
import { analyseScopes, type Binding, type Scopes } from '../code/scopes.js';
import { bare, contains, isCall, type Node } from '../code/syntax.js';
import { cut, removalOf } from './removal.js';

/** Removes imports and variables that were used before and are not any more, until nothing changes. */
export function withoutOrphans(file: CodeFile, text: string): string {
  const unusedBefore = new Set(file.scopes.bindings.filter(isUnused).map(nameAndKind));
  let current = text;
  // Each round can orphan only what an orphan used.
  for (let round = 0; round < 10; round++) {
    const { program } = parseCode(file.path, current);
    const scopes = analyseScopes(program);
    const orphans = scopes.bindings.filter(
      (binding) =>
        isUnused(binding) &&
        !unusedBefore.has(nameAndKind(binding)) &&
        file.scopes.bindings.some((one) => nameAndKind(one) === nameAndKind(binding)),
    );
    const gone = orphans
      .map((binding) => removableDeclaration(scopes, binding))
      .filter((node) => node !== undefined);
    if (gone.length === 0) return current;
    const whole = gone.map((node) => importWithNothingLeft(scopes, node, gone) ?? node);
    const now: CodeFile = { ...file, text: current, program, scopes };
    current = cut(
      current,
      whole.flatMap((node) => removalOf(now, node, whole)),
    );
  }
  return current;
}

function nameAndKind(binding: Binding): string {
  return `${binding.kind}:${binding.name}`;
}

function isUnused(binding: Binding): boolean {
  return binding.references.length === 0 && (binding.kind === 'import' || binding.kind === 'variable');
}

function removableDeclaration(scopes: Scopes, binding: Binding): Node | undefined {
  const { declaration, identifier } = binding;
  if (binding.kind === 'import') return declaration.type.startsWith('Import') ? declaration : undefined;
  if (declaration.type !== 'VariableDeclarator' || binding.definitions.length > 1) return undefined;
  const statement = scopes.parentOf(declaration);
  if (
    statement?.type !== 'VariableDeclaration' ||
    !/^(?:Program|BlockStatement)$/.test(scopes.parentOf(statement)?.type ?? '')
  )
    return undefined;
  if (declaration.init && hasEffects(declaration.init)) return undefined;
  if (declaration.id.type === 'Identifier')
    return statement.declarations.length === 1 ? statement : undefined;
  if (declaration.id.type !== 'ObjectPattern') return undefined;
  const { properties } = declaration.id;
  // With a rest, a name that goes would come back in it.
  if (properties.some((property) => property.type === 'RestElement')) return undefined;
  const property = properties.find((one) => contains(one, (inner) => inner === identifier));
  return properties.length === 1 ? (statement.declarations.length === 1 ? statement : undefined) : property;
}

/** Reading and making ids, and `require`, have no effect that anyone waits for. */
function hasEffects(node: Node): boolean {
  return contains(bare(node), (inner) => {
    if (/^(?:Await|Yield|Assignment|Update)Expression$/.test(inner.type)) return true;
    if (!isCall(inner)) return false;
    const callee = bare(inner.callee);
    const name =
      callee.type === 'Identifier'
        ? callee.name
        : 'property' in callee && callee.property.type === 'Identifier'
          ? callee.property.name
          : '';
    return !/^(?:require|get|header|getHeader|getStore|getId|id|uuid|uuidv\d|v[1-7]|nanoid|randomUUID|String|toString|(?:get|current|generate|create|make|new)_?\w*id)$/i.test(
      name,
    );
  });
}

function importWithNothingLeft(scopes: Scopes, node: Node, gone: readonly Node[]): Node | undefined {
  const parent = scopes.parentOf(node);
  return parent?.type === 'ImportDeclaration' &&
    parent.specifiers.every((specifier) => gone.includes(specifier))
    ? parent
    : undefined;
}
