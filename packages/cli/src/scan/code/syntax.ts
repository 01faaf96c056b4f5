import type * as t from '@babel/types';

export type Node = t.Node;
export type FunctionNode =
  | t.FunctionDeclaration
  | t.FunctionExpression
  | t.ArrowFunctionExpression
  | t.ObjectMethod
  | t.ClassMethod
  | t.ClassPrivateMethod;
export type Call = t.CallExpression | t.OptionalCallExpression | t.NewExpression;
export type MemberAccess = t.MemberExpression | t.OptionalMemberExpression;

// Members of a node that are not children.
const notChildren = new Set([
  'type',
  'loc',
  'start',
  'end',
  'range',
  'extra',
  'leadingComments',
  'innerComments',
  'trailingComments',
]);

/** Calls `visit` with each child node in source order. */
export function eachChild(node: Node, visit: (child: Node, key: string) => void): void {
  for (const key in node) {
    if (notChildren.has(key)) continue;
    const value: unknown = node[key as keyof Node];
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) visit(item, key);
    } else if (isNode(value)) {
      visit(value, key);
    }
  }
}

/** The node and all below it; `visit` returns false to leave out what is below. */
function walk(node: Node, visit: (node: Node) => unknown): void {
  if (visit(node) === false) return;
  eachChild(node, (child) => walk(child, visit));
}

/** Whether the node, or a node below it, passes the test. */
export function contains(node: Node, test: (node: Node) => boolean): boolean {
  let found = false;
  walk(node, (inner) => {
    found ||= test(inner);
    return !found;
  });
  return found;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

export function isFunction(node: Node | undefined | null): node is FunctionNode {
  switch (node?.type) {
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
    case 'ObjectMethod':
    case 'ClassMethod':
    case 'ClassPrivateMethod':
      return true;
    default:
      return false;
  }
}

export function isCall(node: Node | undefined | null): node is Call {
  return (
    node?.type === 'CallExpression' ||
    node?.type === 'OptionalCallExpression' ||
    node?.type === 'NewExpression'
  );
}

export function isMember(node: Node | undefined | null): node is MemberAccess {
  return node?.type === 'MemberExpression' || node?.type === 'OptionalMemberExpression';
}

/** The expression without type annotations, parentheses, `await` and the `(0, x)` of compiled modules. */
export function bare(node: Node): Node {
  switch (node.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
    case 'ParenthesizedExpression':
    case 'TSInstantiationExpression':
    case 'TypeCastExpression':
      return bare(node.expression);
    case 'AwaitExpression':
      return bare(node.argument);
    case 'SequenceExpression': {
      const last = node.expressions.at(-1);
      return last ? bare(last) : node;
    }
    default:
      return node;
  }
}

/** The name of a property, method or member if it is written in the code; undefined for a computed one. */
export function keyName(
  node: Node & { key?: Node; property?: Node; computed?: boolean | null },
): string | undefined {
  const key = node.key ?? node.property;
  if (!key) return undefined;
  const text = literalText(key);
  if (text !== undefined) return text;
  if (node.computed) return undefined;
  if (key.type === 'Identifier') return key.name;
  return key.type === 'PrivateName' ? key.id.name : undefined;
}

/** Last word of what an expression is called: `log` of `req.log`, `getStore` of `als.getStore()`. */
export function lastName(node: Node): string | undefined {
  const expression = bare(node);
  if (expression.type === 'Identifier') return expression.name;
  if (expression.type === 'ThisExpression') return 'this';
  if (isMember(expression)) return keyName(expression as never);
  if (isCall(expression)) return lastName(expression.callee);
  return undefined;
}

/** Object and method of `object.method(…)`. */
export function methodCall(call: Call): { object: Node; method: string } | undefined {
  const callee = bare(call.callee);
  if (!isMember(callee)) return undefined;
  const method = keyName(callee as never);
  return method === undefined ? undefined : { object: bare(callee.object), method };
}

/** What a function gives back: the expression of an arrow, or those behind `return`. */
export function returned(fn: FunctionNode): Node[] {
  if (fn.body.type !== 'BlockStatement') return [fn.body];
  const found: Node[] = [];
  walk(fn.body, (node) => {
    if (isFunction(node)) return false;
    if (node.type === 'ReturnStatement' && node.argument) found.push(node.argument);
    return true;
  });
  return found;
}

/** The text of a string in any quotes; undefined for anything else. */
export function literalText(node: Node | undefined | null): string | undefined {
  if (node?.type === 'StringLiteral') return node.value;
  if (node?.type !== 'TemplateLiteral' || node.expressions.length > 0) return undefined;
  return node.quasis[0]?.value.cooked ?? undefined;
}
