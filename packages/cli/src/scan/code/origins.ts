import type { CodeBase, CodeFile } from './code-base.js';
import type { Definition } from './scopes.js';
import {
  bare,
  isCall,
  isFunction,
  isMember,
  keyName,
  lastName,
  literalText,
  type Node,
  returned,
} from './syntax.js';

/** Where a value comes from: an expression in some file, or something that a package exports. */
export type Origin =
  | { readonly node: Node; readonly file: CodeFile }
  | { readonly module: string; readonly path: readonly string[] };

// Far more than real code needs; a generated one must not take for ever.
const maxSteps = 120;

const known = new WeakMap<Node, Origin[]>();

/** Follows names, members, imports, defaults and calls of functions in the code base to what they may be. */
export function originsOf(codeBase: CodeBase, file: CodeFile, node: Node): Origin[] {
  const before = known.get(node);
  if (before) return before;
  const found: Origin[] = [];
  const seen = new Set<string>();
  const seenPaths = new Map<Node, Set<string>>();
  let steps = 0;

  const follow = (at: Node, inFile: CodeFile, path: readonly string[]): void => {
    const expression = bare(at);
    if (++steps > maxSteps) return;
    const paths = seenPaths.get(expression);
    const way = path.join('.');
    if (paths?.has(way)) return;
    if (paths) paths.add(way);
    else seenPaths.set(expression, new Set([way]));
    const [first, ...rest] = path;
    switch (expression.type) {
      case 'Identifier':
      case 'JSXIdentifier': {
        const binding = inFile.scopes.bindingOf(expression);
        for (const definition of binding?.definitions ?? []) followDefinition(definition, inFile, path);
        if (!binding) found.push({ module: 'global', path: [expression.name, ...path] });
        return;
      }
      case 'LogicalExpression':
        follow(expression.left, inFile, path);
        follow(expression.right, inFile, path);
        return;
      case 'ConditionalExpression':
        follow(expression.consequent, inFile, path);
        follow(expression.alternate, inFile, path);
        return;
      case 'AssignmentExpression':
        follow(expression.right, inFile, path);
        return;
      case 'AssignmentPattern':
        follow(expression.right, inFile, path);
        return;
      case 'ImportSpecifier':
      case 'ImportDefaultSpecifier':
      case 'ImportNamespaceSpecifier':
      case 'ExportSpecifier': {
        const parent = inFile.scopes.parentOf(expression);
        if (!parent || !('source' in parent) || !parent.source) return;
        const source = (parent.source as { value: string }).value;
        const name =
          expression.type === 'ImportNamespaceSpecifier'
            ? []
            : expression.type === 'ImportDefaultSpecifier'
              ? ['default']
              : [nameOf(expression.type === 'ImportSpecifier' ? expression.imported : expression.local)];
        fromModule(source, inFile, [...name, ...path]);
        return;
      }
      case 'MemberExpression':
      case 'OptionalMemberExpression': {
        const name = keyName(expression as never);
        if (name === undefined) {
          found.push({ node: expression, file: inFile });
          return;
        }
        if (bare(expression.object).type === 'ThisExpression') {
          followThis(expression, name, inFile, path);
          return;
        }
        const before = found.length;
        follow(expression.object, inFile, [name, ...path]);
        if (found.length === before) found.push({ node: expression, file: inFile });
        return;
      }
      case 'ObjectExpression': {
        if (first === undefined) break;
        for (const property of expression.properties) {
          if (property.type === 'SpreadElement') follow(property.argument, inFile, path);
          else if (keyName(property) === first) {
            follow(property.type === 'ObjectMethod' ? property : property.value, inFile, rest);
          }
        }
        return;
      }
      case 'TSEnumDeclaration': {
        if (first === undefined) break;
        for (const member of expression.members ?? []) {
          if (nameOf(member.id) === first && member.initializer) follow(member.initializer, inFile, rest);
        }
        return;
      }
      case 'ClassDeclaration':
      case 'ClassExpression': {
        if (first === undefined) break;
        for (const member of expression.body.body) {
          if (!('key' in member) || keyName(member as never) !== first) continue;
          if ('value' in member && member.value) follow(member.value as Node, inFile, rest);
          else if (isFunction(member)) follow(member, inFile, rest);
        }
        return;
      }
      case 'CallExpression':
      case 'OptionalCallExpression':
      case 'NewExpression':
        followCall(expression, inFile, path);
        return;
    }
    if (path.length === 0) found.push({ node: expression, file: inFile });
  };

  const followDefinition = (definition: Definition, inFile: CodeFile, path: readonly string[]) => {
    if (definition.fallback) {
      // `{ a = 1 }` has its own default; `({ a }) = {}` that of the whole pattern.
      follow(definition.fallback, inFile, path);
    }
    if (definition.value) follow(definition.value, inFile, [...definition.path, ...path]);
  };

  const followThis = (member: Node, name: string, inFile: CodeFile, path: readonly string[]) => {
    for (let at: Node | undefined = member; at; at = inFile.scopes.parentOf(at)) {
      if (at.type === 'ClassDeclaration' || at.type === 'ClassExpression') {
        follow(at, inFile, [name, ...path]);
        return;
      }
    }
  };

  const followCall = (call: Node, inFile: CodeFile, path: readonly string[]) => {
    if (!isCall(call)) return;
    const callee = bare(call.callee);
    const argument = call.arguments[0];
    const source = literalText(argument);
    if (callee.type === 'Identifier' && callee.name === 'require' && source !== undefined) {
      fromModule(source, inFile, path);
      return;
    }
    const called = lastName(callee);
    if (argument && (called === 'freeze' || /^_*(?:import|interop)\w*$/i.test(called ?? ''))) {
      follow(argument, inFile, path);
      return;
    }
    if (isMember(callee) && /^(?:toLowerCase|toUpperCase|toString|trim|valueOf)$/.test(called ?? '')) {
      follow(callee.object, inFile, path);
      return;
    }
    const key = `${call.start}:${inFile.path}:${path.join()}`;
    if (seen.has(key)) return;
    seen.add(key);
    const before = found.length;
    for (const origin of originsOfCallee(callee, inFile)) {
      if ('module' in origin) continue;
      if (isFunction(origin.node))
        for (const value of returned(origin.node)) follow(value, origin.file, path);
    }
    if (found.length === before && path.length === 0) found.push({ node: call, file: inFile });
  };

  const originsOfCallee = (callee: Node, inFile: CodeFile): Origin[] => {
    const from = found.length;
    follow(callee, inFile, []);
    return found.splice(from);
  };

  const fromModule = (source: string, inFile: CodeFile, path: readonly string[]): void => {
    const target = codeBase.resolve(inFile, source);
    if (!target) {
      found.push({ module: source.replace(/^node:/, ''), path });
      return;
    }
    const key = `${target.path}:${path.join('.')}`;
    if (seen.has(key)) return;
    seen.add(key);
    const [first, ...rest] = path;
    const exported = first === undefined ? undefined : target.exports.get(first);
    if (exported) {
      follow(exported, target, rest);
      return;
    }
    const whole = target.exports.get('*');
    if (whole && !(first === undefined && whole.type === 'ObjectExpression'))
      follow(whole, target, first === 'default' ? rest : path);
    for (const next of target.passedOn) fromModule(next, target, path);
  };

  follow(node, file, []);
  known.set(node, found);
  return found;
}

/** The texts that an expression may be. */
export function textsOf(codeBase: CodeBase, file: CodeFile, node: Node, depth = 0): string[] {
  const texts: string[] = [];
  if (depth > 3) return texts; // `text = text + more`
  for (const origin of originsOf(codeBase, file, node)) {
    if ('module' in origin) continue;
    const { node: value } = origin;
    if (value.type === 'StringLiteral') texts.push(value.value);
    else if (value.type === 'TemplateLiteral') {
      let text = value.quasis[0]?.value.cooked ?? '';
      value.expressions.forEach((part, index) => {
        text += textsOf(codeBase, origin.file, part, depth + 1)[0] ?? '\0';
        text += value.quasis[index + 1]?.value.cooked ?? '';
      });
      if (!text.includes('\0')) texts.push(text);
    } else if (value.type === 'BinaryExpression' && value.operator === '+') {
      const left = textsOf(codeBase, origin.file, value.left, depth + 1)[0];
      const right = textsOf(codeBase, origin.file, value.right, depth + 1)[0];
      if (left !== undefined && right !== undefined) texts.push(left + right);
    }
  }
  return texts;
}

function nameOf(node: Node): string {
  return node.type === 'StringLiteral' ? node.value : node.type === 'Identifier' ? node.name : '';
}
