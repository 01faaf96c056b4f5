import { unifiedDiff } from '../../command-line/diff.js';
import type { CodeFile } from '../code/code-base.js';
import { parseCode } from '../code/parse.js';
import type { Binding } from '../code/scopes.js';
import {
  bare,
  contains,
  eachChild,
  isCall,
  isFunction,
  isMember,
  keyName,
  lastName,
  methodCall,
  type Node,
} from '../code/syntax.js';
import type { Evidence } from '../detect/evidence.js';
import { readId } from '../detect/ids.js';
import { isTest, type Scan } from '../detect/scan.js';
import { withoutOrphans } from './orphans.js';
import { cut, type Range, removalOf } from './removal.js';

/** What `--fix` would do to one file. */
export interface FileFix {
  readonly path: string;
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** How many findings it takes away. */
  readonly count: number;
  /** Unified diff, as `git apply` takes it. */
  readonly diff: string;
}

export interface FixPlan {
  readonly fixes: readonly FileFix[];
  /** Old headers that are no longer sent by hand: what `legacyTraceHeader` has to name. */
  readonly headers: readonly string[];
  /** Files that a removal would have broken; they stay as they are. */
  readonly refused: readonly string[];
}

/**
 * Plans the removals that are safe: outgoing headers whose value is an id, and middlewares that do nothing but make
 * and store an id that is never read. Tests are not changed.
 */
export function planFixes(scan: Scan): FixPlan {
  const removals = new Map<CodeFile, Removal[]>();
  const headers = new Set<string>();
  const add = (file: CodeFile, removal: Removal) => {
    const list = removals.get(file);
    if (list) list.push(removal);
    else removals.set(file, [removal]);
  };
  for (const { file, evidence } of scan.evidence) {
    if (isTest(file.name) || !isSafeHeader(scan, file, evidence) || !evidence.removable) continue;
    add(file, { node: evidence.removable, count: 1 });
    if (evidence.header !== undefined) headers.add(evidence.header);
  }
  for (const { file, nodes, count } of idleMiddlewares(scan, removals)) {
    for (const [index, node] of nodes.entries()) add(file, { node, count: index === 0 ? count : 0 });
  }
  const fixes: FileFix[] = [];
  const refused: string[] = [];
  for (const [file, list] of removals) {
    const fix = fixOf(file, list);
    if (fix) fixes.push(fix);
    else refused.push(file.name);
  }
  return { fixes, headers: [...headers].sort(), refused };
}

interface Removal {
  readonly node: Node;
  readonly count: number;
}

function fixOf(file: CodeFile, list: readonly Removal[]): FileFix | undefined {
  let after: string;
  try {
    after = withoutOrphans(
      file,
      cut(
        file.text,
        list.flatMap(({ node }) =>
          removalOf(
            file,
            node,
            list.map((one) => one.node),
          ),
        ),
      ),
    );
    parseCode(file.path, after);
  } catch {
    return undefined;
  }
  return {
    path: file.path,
    name: file.name,
    before: file.text,
    after,
    count: list.reduce((sum, { count }) => sum + count, 0),
    diff: unifiedDiff(file.name, file.text, after),
  };
}

/** A header with a trace id, in an object of headers or as a separate statement. */
function isSafeHeader(scan: Scan, file: CodeFile, evidence: Evidence): boolean {
  const { at } = evidence;
  if (evidence.kind !== 'header-sent' || !evidence.removable) return false;
  // A name without a dash, as in `headers: { correlationId }`, may be the message's own and not the trace's.
  if (!evidence.header?.includes('-')) return false;
  // Throughline's propagation knows these by its own settings; the bridge has no such header to send.
  if (/^(?:traceparent|tracestate|b3|x-b3-(?!traceid)|x-datadog-(?!trace-id))/.test(evidence.header))
    return false;
  const value =
    at.type === 'ObjectProperty'
      ? at.value
      : at.type === 'AssignmentExpression'
        ? at.right
        : isCall(at)
          ? at.arguments[1]
          : undefined;
  // Only an id: a header of that name with another value says something else.
  if (!value || !(readId({ ...scan, file }, value) || readsContext(scan, file, value))) return false;
  if (at.type === 'ObjectProperty' && !belongsToCall(file, at)) return false;
  if (evidence.removable.type === 'ExpressionStatement' && !isInBlock(file, evidence.removable)) return false;
  return isHarmless(value);
}

/** `traceIds.getStore()`: the value of a context of trace ids, whatever the name of the context. */
function readsContext(scan: Scan, file: CodeFile, value: Node): boolean {
  return scan.evidence.some(
    (one) =>
      one.file === file && one.evidence.kind === 'context-read' && bare(value) === bare(one.evidence.at),
  );
}

/** Removing it takes nothing away but the value: names, members, defaults, and calls that make or get an id. */
function isHarmless(node: Node): boolean {
  const value = bare(node);
  switch (value.type) {
    case 'Identifier':
    case 'ThisExpression':
    case 'StringLiteral':
    case 'NullLiteral':
      return value.type !== 'StringLiteral' && value.type !== 'NullLiteral';
    case 'MemberExpression':
    case 'OptionalMemberExpression':
      return !contains(value, (inner) => inner !== value && isCall(inner) && !isGetter(inner));
    case 'LogicalExpression':
      return isHarmless(value.left) && (isHarmless(value.right) || /Literal$/.test(value.right.type));
    case 'TemplateLiteral':
      return value.expressions.every(isHarmless);
    case 'CallExpression':
    case 'OptionalCallExpression':
      return isGetter(value);
    default:
      return false;
  }
}

function isGetter(call: Node): boolean {
  if (!isCall(call)) return false;
  return (
    /^(?:get\w*|id|uuid|v[1-7]|uuidv\d|nanoid|randomUUID|toString|String|(?:current|generate|create|make|new)\w*id)$/i.test(
      lastName(call.callee) ?? '',
    ) &&
    call.arguments.every(
      (argument) =>
        /^(?:Identifier|StringLiteral|MemberExpression)$/.test(argument.type) || isHarmless(argument),
    )
  );
}

/** An object that a function returns or a variable keeps may be read elsewhere: only one that goes into a call. */
function belongsToCall(file: CodeFile, property: Node): boolean {
  for (let at: Node | undefined = file.scopes.parentOf(property); at; at = file.scopes.parentOf(at)) {
    if (isCall(at))
      return (
        !/^(?:assign|send|json|end|stringify|writeHead)$/.test(lastName(at.callee) ?? '') || isProducer(at)
      );
    if (/Statement$|Declarat|Function|AssignmentExpression|Method$/.test(at.type)) {
      return at.type === 'VariableDeclarator' && onlyPassedToCalls(file, at);
    }
  }
  return false;
}

function isProducer(call: Node): boolean {
  const through = isCall(call) ? methodCall(call) : undefined;
  return through !== undefined && /producer|kafka/i.test(lastName(through.object) ?? '');
}

/** `const headers = {…}; fetch(url, { headers })`: nothing else uses it. */
function onlyPassedToCalls(file: CodeFile, declarator: Node): boolean {
  if (declarator.type !== 'VariableDeclarator' || declarator.id.type !== 'Identifier') return false;
  const binding = file.scopes.bindingOf(declarator.id);
  if (!binding || binding.references.length === 0 || isExported(file, declarator)) return false;
  return binding.references.every((reference) => {
    let at = file.scopes.parentOf(reference);
    while (at && /^(?:ObjectProperty|ObjectExpression|SpreadElement)$/.test(at.type))
      at = file.scopes.parentOf(at);
    return (
      isCall(at) &&
      /^(?:fetch|get|post|put|patch|delete|head|request|axios|got|stream)$/.test(lastName(at.callee) ?? '')
    );
  });
}

function isExported(file: CodeFile, declarator: Node): boolean {
  const declaration = file.scopes.parentOf(declarator);
  return declaration !== undefined && file.scopes.parentOf(declaration)?.type === 'ExportNamedDeclaration';
}

function isInBlock(file: CodeFile, statement: Node): boolean {
  const parent = file.scopes.parentOf(statement);
  return parent?.type === 'Program' || parent?.type === 'BlockStatement';
}

interface Idle {
  readonly file: CodeFile;
  readonly nodes: readonly Node[];
  readonly count: number;
}

/** Middlewares whose statements only generate, read or store an id, or call `next`; with their uses. */
function idleMiddlewares(scan: Scan, removals: ReadonlyMap<CodeFile, readonly Removal[]>): Idle[] {
  const found: Idle[] = [];
  for (const file of scan.codeBase.files) {
    if (isTest(file.name)) continue;
    const evidenceHere = scan.evidence.filter((one) => one.file === file).map(({ evidence }) => evidence);
    for (const fn of file.scopes.nodes) {
      if (!isFunction(fn) || fn.type.endsWith('Method') || !doesNothingElse(fn, evidenceHere)) continue;
      const stored = storedNames(fn);
      if (
        stored.length === 0 ||
        stored.some((name) => name === undefined || isReadElsewhere(scan, name, fn, removals))
      )
        continue;
      const nodes = placesOf(file, fn);
      if (nodes) found.push({ file, nodes, count: evidenceHere.filter(({ at }) => isInside(at, fn)).length });
    }
  }
  return found;
}

function doesNothingElse(fn: Node, evidence: readonly Evidence[]): boolean {
  if (!isFunction(fn) || fn.body.type !== 'BlockStatement' || fn.params.length < 2 || fn.params.length > 3)
    return false;
  const last = fn.params.at(-1);
  if (last?.type !== 'Identifier' || !/^(?:next|done)$/.test(last.name)) return false;
  const inside = evidence.filter(({ at }) => isInside(at, fn));
  if (!inside.some(({ kind }) => kind === 'context-stored')) return false;
  // An id that goes back to the caller, or into a log line, is more than storing.
  if (inside.some(({ kind }) => kind !== 'context-stored' && kind !== 'header-read' && kind !== 'id-made'))
    return false;
  return fn.body.body.every((statement) => {
    if (isNextCall(statement, last.name)) return true;
    if (statement.type === 'VariableDeclaration') {
      return statement.declarations.every(({ init }) => init && inside.some(({ at }) => isInside(at, init)));
    }
    if (statement.type !== 'ExpressionStatement' || statement.expression.type !== 'AssignmentExpression')
      return false;
    return inside.some(({ kind, at }) => kind === 'context-stored' && at === statement.expression);
  });
}

function isNextCall(statement: Node, next: string): boolean {
  const expression =
    statement.type === 'ExpressionStatement'
      ? statement.expression
      : statement.type === 'ReturnStatement'
        ? statement.argument
        : undefined;
  if (!expression) return false;
  const call = bare(expression);
  return (
    isCall(call) &&
    call.callee.type === 'Identifier' &&
    call.callee.name === next &&
    call.arguments.length === 0
  );
}

/** Names of the properties that the function writes; undefined for one that cannot be told. */
function storedNames(fn: Node): (string | undefined)[] {
  const names: (string | undefined)[] = [];
  const visit = (node: Node) => {
    if (node.type === 'AssignmentExpression' && isMember(node.left)) {
      const name = keyName(node.left as never);
      // A word that everything has, such as `id`, cannot be searched for.
      names.push(name !== undefined && name.length > 4 ? name : undefined);
    }
    eachChild(node, visit);
  };
  visit(fn);
  return names;
}

/** Whether any code that stays names the property, as member, in a pattern, or in a text. */
function isReadElsewhere(
  scan: Scan,
  name: string,
  fn: Node,
  removals: ReadonlyMap<CodeFile, readonly Removal[]>,
): boolean {
  for (const file of scan.codeBase.files) {
    const gone = (removals.get(file) ?? []).map(({ node }) => node);
    for (const node of file.scopes.nodes) {
      const named =
        (isMember(node) &&
          (keyName(node as never) === name ||
            (node.computed &&
              node.property.type !== 'NumericLiteral' &&
              /^(?:req|request|ctx|locals|state)$/.test(lastName(node.object) ?? '')))) ||
        (node.type === 'ObjectProperty' &&
          file.scopes.parentOf(node)?.type === 'ObjectPattern' &&
          keyName(node) === name) ||
        (node.type === 'StringLiteral' && node.value === name);
      if (named && !isInside(node, fn) && !gone.some((range) => isInside(node, range))) return true;
    }
  }
  return false;
}

/** What to remove so that the function is gone; undefined if one of its uses cannot be removed. */
function placesOf(file: CodeFile, fn: Node): Node[] | undefined {
  const parent = file.scopes.parentOf(fn);
  // `app.use((req, res, next) => …)`
  if (isUse(parent) && parent.arguments.length === 1) {
    const statement = file.scopes.parentOf(parent);
    return statement?.type === 'ExpressionStatement' && isInBlock(file, statement) ? [statement] : undefined;
  }
  let binding: Binding | undefined;
  let declaration: Node | undefined;
  if (fn.type === 'FunctionDeclaration' && fn.id) {
    binding = file.scopes.bindings.find(({ identifier }) => identifier === fn.id);
    declaration = fn;
  } else if (parent?.type === 'VariableDeclarator' && parent.id.type === 'Identifier') {
    const { id } = parent;
    binding = file.scopes.bindings.find(({ identifier }) => identifier === id);
    declaration = file.scopes.parentOf(parent);
    if (declaration?.type !== 'VariableDeclaration' || declaration.declarations.length !== 1)
      return undefined;
  }
  if (!binding || !declaration || !isInBlock(file, declaration) || binding.references.length === 0)
    return undefined;
  const uses: Node[] = [];
  for (const reference of binding.references) {
    const call = file.scopes.parentOf(reference);
    const statement = call && file.scopes.parentOf(call);
    if (!isUse(call) || call.arguments.length !== 1 || statement?.type !== 'ExpressionStatement')
      return undefined;
    uses.push(statement);
  }
  return [declaration, ...uses];
}

function isUse(node: Node | undefined): node is Node & { arguments: Node[] } {
  return isCall(node) && node.type === 'CallExpression' && methodCall(node)?.method === 'use';
}

function isInside(inner: Node, outer: Node): boolean {
  return (
    (inner.start ?? 0) >= (outer.start ?? 0) &&
    (inner.end ?? 0) <= (outer.end ?? 0) &&
    rangeOf(inner) !== undefined
  );
}

function rangeOf(node: Node): Range | undefined {
  return node.start == null || node.end == null ? undefined : { start: node.start, end: node.end };
}
