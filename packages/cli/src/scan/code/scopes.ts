import type * as t from '@babel/types';
import { eachChild, isFunction, isMember, keyName, type Node } from './syntax.js';

/** A value that a name takes. */
export interface Definition {
  /** What is assigned; undefined for a parameter. */
  readonly value: Node | undefined;
  /** The way into the value that a destructuring pattern goes: `['headers']` for `{ headers } = req`. */
  readonly path: readonly string[];
  /** What the pattern or parameter falls back to. */
  readonly fallback: Node | undefined;
}

export interface Binding {
  readonly name: string;
  readonly kind: 'import' | 'variable' | 'parameter' | 'function' | 'class' | 'type';
  /** The node that makes the name: specifier, declarator, function, class, or the pattern of a parameter. */
  readonly declaration: Node;
  readonly identifier: t.Identifier;
  readonly definitions: Definition[];
  /** Every other place where the name is used. */
  readonly references: Node[];
}

export interface Scopes {
  readonly bindings: readonly Binding[];
  /** The binding of a name at the place where it is used; undefined for globals. */
  bindingOf(identifier: Node): Binding | undefined;
  parentOf(node: Node): Node | undefined;
  /** All nodes in source order. */
  readonly nodes: readonly Node[];
}

interface Scope {
  readonly parent: Scope | undefined;
  readonly ofFunction: boolean;
  readonly names: Map<string, Binding>;
}

/** Which name means which variable, in one file. */
export function analyseScopes(program: t.Program): Scopes {
  const parents = new Map<Node, Node>();
  const nodes: Node[] = [];
  const bindings: Binding[] = [];
  const uses: { node: Node; name: string; scope: Scope }[] = [];
  const assigned: { left: Node; right: Node; scope: Scope }[] = [];
  const declaring = new Set<Node>();

  const declare = (
    scope: Scope,
    identifier: t.Identifier,
    kind: Binding['kind'],
    declaration: Node,
    definition?: Definition,
  ) => {
    declaring.add(identifier);
    let binding = scope.names.get(identifier.name);
    if (!binding) {
      binding = { name: identifier.name, kind, declaration, identifier, definitions: [], references: [] };
      scope.names.set(identifier.name, binding);
      bindings.push(binding);
    }
    if (definition) binding.definitions.push(definition);
  };

  const visit = (node: Node, parent: Node | undefined, key: string, outer: Scope): void => {
    if (parent) parents.set(node, parent);
    nodes.push(node);
    let scope = outer;
    if (isFunction(node)) {
      if (node.type === 'FunctionDeclaration' && node.id) {
        declare(outer, node.id, 'function', node, { value: node, path: [], fallback: undefined });
      }
      scope = { parent: outer, ofFunction: true, names: new Map() };
      if (node.type === 'FunctionExpression' && node.id) {
        declare(scope, node.id, 'function', node, { value: node, path: [], fallback: undefined });
      }
      for (const parameter of node.params) {
        const pattern = parameter.type === 'TSParameterProperty' ? parameter.parameter : parameter;
        eachName(pattern, (identifier, path, fallback) =>
          declare(scope, identifier, 'parameter', pattern, { value: undefined, path, fallback }),
        );
      }
    } else if (startsBlock(node, parent)) {
      scope = { parent: outer, ofFunction: node.type === 'Program', names: new Map() };
    }
    switch (node.type) {
      case 'VariableDeclarator': {
        const declaration = parent as t.VariableDeclaration;
        const target = declaration.kind === 'var' ? functionScope(scope) : scope;
        eachName(node.id, (identifier, path, fallback) =>
          declare(
            target,
            identifier,
            'variable',
            node,
            node.init || fallback ? { value: node.init ?? undefined, path, fallback } : undefined,
          ),
        );
        break;
      }
      case 'ImportSpecifier':
      case 'ImportDefaultSpecifier':
      case 'ImportNamespaceSpecifier':
        declare(scope, node.local, 'import', node, { value: node, path: [], fallback: undefined });
        break;
      case 'ClassDeclaration':
      case 'TSEnumDeclaration':
        if (node.id) {
          declare(outer, node.id, 'class', node, { value: node, path: [], fallback: undefined });
        }
        break;
      case 'TSInterfaceDeclaration':
      case 'TSTypeAliasDeclaration':
        declare(scope, node.id, 'type', node);
        break;
      case 'TSImportEqualsDeclaration':
        declare(scope, node.id, 'import', node, {
          value: node.moduleReference,
          path: [],
          fallback: undefined,
        });
        break;
      case 'CatchClause':
        if (node.param) {
          eachName(node.param, (identifier) => declare(scope, identifier, 'parameter', node));
        }
        break;
      case 'AssignmentExpression':
        assigned.push({ left: node.left, right: node.right, scope });
        break;
      case 'Identifier':
        if (isUse(node, parent, key)) uses.push({ node, name: node.name, scope });
        break;
      case 'JSXIdentifier':
        uses.push({ node, name: node.name, scope });
        break;
    }
    eachChild(node, (child, childKey) => visit(child, node, childKey, scope));
  };
  visit(program, undefined, '', { parent: undefined, ofFunction: true, names: new Map() });

  const found = new Map<Node, Binding>();
  for (const { node, name, scope } of uses) {
    const binding = lookUp(scope, name);
    if (!binding) continue;
    found.set(node, binding);
    if (!declaring.has(node)) binding.references.push(node);
  }
  for (const { left, right, scope } of assigned) {
    eachName(left, (identifier, path, fallback) =>
      lookUp(scope, identifier.name)?.definitions.push({ value: right, path, fallback }),
    );
  }
  return {
    bindings,
    nodes,
    bindingOf: (identifier) => found.get(identifier),
    parentOf: (node) => parents.get(node),
  };
}

function startsBlock(node: Node, parent: Node | undefined): boolean {
  switch (node.type) {
    case 'Program':
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'SwitchStatement':
    case 'CatchClause':
    case 'ClassDeclaration':
    case 'ClassExpression':
    case 'TSModuleBlock':
    case 'StaticBlock':
      return true;
    case 'BlockStatement':
      // A function's body shares the scope of its parameters.
      return !isFunction(parent);
    default:
      return false;
  }
}

function functionScope(scope: Scope): Scope {
  return scope.ofFunction || !scope.parent ? scope : functionScope(scope.parent);
}

function lookUp(scope: Scope | undefined, name: string): Binding | undefined {
  for (let at = scope; at; at = at.parent) {
    const binding = at.names.get(name);
    if (binding) return binding;
  }
  return undefined;
}

/** Each name in a pattern, with the way to its value. */
function eachName(
  pattern: Node,
  found: (identifier: t.Identifier, path: readonly string[], fallback: Node | undefined) => void,
  path: readonly string[] = [],
  fallback?: Node,
): void {
  switch (pattern.type) {
    case 'Identifier':
      found(pattern, path, fallback);
      break;
    case 'AssignmentPattern':
      eachName(pattern.left, found, path, pattern.right);
      break;
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        if (property.type === 'RestElement') eachName(property.argument, found, path);
        else eachName(property.value, found, [...path, keyName(property) ?? '*']);
      }
      break;
    case 'ArrayPattern':
      for (const element of pattern.elements) if (element) eachName(element, found, [...path, '*']);
      break;
    case 'RestElement':
      eachName(pattern.argument, found, [...path, '*']);
      break;
    case 'TSParameterProperty':
      eachName(pattern.parameter, found, path);
      break;
  }
}

/** False where an identifier is only the name of a property, a label or a specifier. */
function isUse(node: t.Identifier, parent: Node | undefined, key: string): boolean {
  if (!parent) return false;
  if (isMember(parent)) return key === 'object' || parent.computed;
  switch (parent.type) {
    case 'ObjectProperty':
    case 'ClassProperty':
    case 'ClassAccessorProperty':
      return key !== 'key' || parent.computed === true;
    case 'ObjectMethod':
    case 'ClassMethod':
    case 'TSPropertySignature':
    case 'TSMethodSignature':
    case 'TSDeclareMethod':
      return key !== 'key' || parent.computed === true;
    case 'ClassPrivateProperty':
    case 'ClassPrivateMethod':
    case 'PrivateName':
    case 'MetaProperty':
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
    case 'ImportSpecifier':
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier':
    case 'ExportNamespaceSpecifier':
    case 'TSEnumMember':
      return key === 'initializer' || key === 'value';
    case 'ExportSpecifier':
      return key === 'local';
    case 'TSQualifiedName':
      return key === 'left';
    default:
      return node.name !== 'undefined';
  }
}
