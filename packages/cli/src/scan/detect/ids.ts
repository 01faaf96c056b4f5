import { originsOf } from '../code/origins.js';
import type { Binding } from '../code/scopes.js';
import {
  bare,
  type Call,
  contains,
  isCall,
  isFunction,
  isMember,
  keyName,
  lastName,
  methodCall,
  type Node,
  returned,
} from '../code/syntax.js';
import { type IdName, idName } from '../code/trace-names.js';
import type { CodePlace } from './evidence.js';
import { headerRead } from './headers.js';
import { isTraceLibrary } from './libraries.js';

const idPackages =
  /^(?:uuid(?:\/.+)?|uuid\.v[14]|node-uuid|short-?uuid|shortid|nanoid(?:\/.+)?|cuid|@paralleldrive\/cuid2|ulid|ulidx|hyperid|uniqid|uuidv4|uuidv7|ksuid|@lukeed\/uuid|bson-objectid)$/;
const idFunctions =
  /^(?:uuid(?:v?[1-7])?|v4uuid|nanoid|cuid2?|ulid|randomUUID|random_?uuid|uuid_?v\d|(?:generate|create|make|new|gen|next)_?(?:new)?_?(?:uuid|guid|trace_?id|correlation_?id|request_?id|req_?id))$/i;
const idGetter =
  /^(?:get|current|read|fetch|extract|find|resolve|ensure)?_?(?:current|the|incoming|active)?_?(.+)$/i;

const known = new WeakMap<Node, boolean>();

/** Whether the expression is a call that makes a random id. */
export function makesId(place: CodePlace, node: Node): boolean {
  const call = bare(node);
  if (!isCall(call)) return false;
  const before = known.get(call);
  if (before !== undefined) return before;
  known.set(call, false); // What calls itself in between makes nothing new.
  const made = isMaker(place, call);
  known.set(call, made);
  return made;
}

function isMaker(place: CodePlace, call: Call): boolean {
  const name = lastName(call.callee);
  const through = methodCall(call);
  if (through?.method === 'random' && lastName(through.object) === 'Math') return true;
  if (name === 'randomUUID' || name === 'randomBytes') return true;
  const origins = originsOf(place.codeBase, place.file, call.callee);
  for (const origin of origins) {
    if ('module' in origin) {
      if (idPackages.test(origin.module)) return true;
      if (origin.module === 'crypto' && /^random(?:UUID|Bytes)$/.test(origin.path.at(-1) ?? '')) return true;
      if (origin.module === 'global' && idFunctions.test(origin.path.at(-1) ?? '')) return true;
    } else if (isFunction(origin.node)) {
      const inside = { ...place, file: origin.file };
      if (returned(origin.node).some((value) => isMade(inside, value))) return true;
    }
  }
  return idFunctions.test(name ?? '') && origins.every((origin) => 'module' in origin);
}

/** Whether the value is a generated id, also if it is trimmed or only a fallback. */
function isMade(place: CodePlace, node: Node): boolean {
  const value = bare(node);
  switch (value.type) {
    case 'LogicalExpression':
    case 'BinaryExpression':
      return isMade(place, value.left) || isMade(place, value.right);
    case 'ConditionalExpression':
      return isMade(place, value.consequent) || isMade(place, value.alternate);
    case 'TemplateLiteral':
      return value.expressions.some((part) => isMade(place, part));
    case 'CallExpression':
    case 'OptionalCallExpression': {
      const through = methodCall(value);
      return makesId(place, value) || (through !== undefined && isMade(place, through.object));
    }
    default:
      return false;
  }
}

/** Whether an id comes from an OpenTelemetry span. Such an id is not made by hand. */
export function isOpenTelemetry(place: CodePlace, node: Node, depth = 0): boolean {
  if (depth > 3) return false;
  return contains(node, (inner) => {
    if (isCall(inner)) {
      return /^(?:spanContext|getSpanContext|getActiveSpan|getSpan|isSpanContextValid)$/.test(
        lastName(inner.callee) ?? '',
      );
    }
    if (isMember(inner) && /^spanContext$|^spanCtx$/i.test(lastName(inner.object) ?? '')) return true;
    if (inner.type !== 'Identifier') return false;
    const binding = place.file.scopes.bindingOf(inner);
    if (!binding || binding.kind === 'import') return false;
    if (/^(?:span|activeSpan|currentSpan|spanContext|spanCtx)$/i.test(binding.name)) return true;
    return binding.definitions.some(
      ({ value }) =>
        value !== undefined &&
        value !== node &&
        !isFunction(value) &&
        isOpenTelemetry(place, value, depth + 1),
    );
  });
}

/** Decides whether an expression is a trace id, by the origin of its value or by its name. */
export function readId(place: CodePlace, node: Node, depth = 0): IdName | undefined {
  const expression = bare(node);
  if (depth > 4) return undefined;
  const deeper = (inner: Node) => readId(place, inner, depth + 1);
  switch (expression.type) {
    case 'Identifier': {
      const binding = place.file.scopes.bindingOf(expression);
      const byName = idName(expression.name);
      if (binding && isOpenTelemetryBinding(place, binding)) return undefined;
      if (binding && binding.kind !== 'import' && holdsId(place, binding, depth)) {
        return { word: byName?.word ?? '', certain: true };
      }
      return byName;
    }
    case 'MemberExpression':
    case 'OptionalMemberExpression': {
      if (headerRead(place, expression)) return { word: '', certain: true };
      if (isOpenTelemetry(place, expression)) return undefined;
      if (isFromLibrary(place, expression)) return { word: '', certain: true };
      return idName(keyName(expression as never));
    }
    case 'LogicalExpression':
    case 'BinaryExpression':
      return strongest(deeper(expression.left), deeper(expression.right));
    case 'ConditionalExpression':
      return strongest(deeper(expression.consequent), deeper(expression.alternate));
    case 'AssignmentExpression':
      return strongest(deeper(expression.left), deeper(expression.right));
    case 'TemplateLiteral':
      return expression.expressions.map(deeper).reduce(strongest, undefined);
    case 'ArrowFunctionExpression':
      return expression.body.type === 'BlockStatement' ? undefined : deeper(expression.body);
    case 'CallExpression':
    case 'OptionalCallExpression': {
      if (headerRead(place, expression)) return { word: '', certain: true };
      if (isOpenTelemetry(place, expression)) return undefined;
      const through = methodCall(expression);
      const name = lastName(expression.callee);
      if (
        /^(?:toString|trim|toLowerCase|slice|substring|replace|replaceAll|join)$/.test(name ?? '') &&
        through
      ) {
        return deeper(through.object);
      }
      if (name === 'String' && expression.arguments[0]) return deeper(expression.arguments[0]);
      if (isFromLibrary(place, expression.callee)) return { word: '', certain: true };
      const word = idGetter.exec(name ?? '')?.[1];
      return idName(word) ?? idName(name);
    }
    default:
      return undefined;
  }
}

function isFromLibrary(place: CodePlace, node: Node): boolean {
  return originsOf(place.codeBase, place.file, node).some(
    (origin) => 'module' in origin && isTraceLibrary(origin.module),
  );
}

function strongest(a: IdName | undefined, b: IdName | undefined): IdName | undefined {
  if (!a || !b) return a ?? b;
  return b.certain && !a.certain ? b : a;
}

function holdsId(place: CodePlace, binding: Binding, depth: number): boolean {
  return binding.definitions.some(({ value, path }) => {
    if (!value || isFunction(value)) return false;
    if (path.length > 0)
      return path.some((part) => idName(part)?.certain) || destructuresTraceHeader(place, path, value);
    return readsHeader(place, value, depth);
  });
}

function readsHeader(place: CodePlace, node: Node, depth: number): boolean {
  const expression = bare(node);
  if (headerRead(place, expression)) return true;
  if (depth > 3) return false;
  switch (expression.type) {
    case 'LogicalExpression':
      return (
        readsHeader(place, expression.left, depth + 1) || readsHeader(place, expression.right, depth + 1)
      );
    case 'ConditionalExpression':
      return (
        readsHeader(place, expression.consequent, depth + 1) ||
        readsHeader(place, expression.alternate, depth + 1)
      );
    case 'CallExpression':
    case 'OptionalCallExpression': {
      const through = methodCall(expression);
      return (
        (through !== undefined && readsHeader(place, through.object, depth + 1)) ||
        (lastName(expression.callee) === 'String' &&
          expression.arguments[0] !== undefined &&
          readsHeader(place, expression.arguments[0], depth + 1))
      );
    }
    case 'MemberExpression':
    case 'OptionalMemberExpression':
      return readsHeader(place, expression.object, depth + 1);
    case 'Identifier': {
      const binding = place.file.scopes.bindingOf(expression);
      return binding !== undefined && binding.kind === 'variable' && holdsId(place, binding, depth + 1);
    }
    default:
      return false;
  }
}

function destructuresTraceHeader(place: CodePlace, path: readonly string[], value: Node): boolean {
  const last = path.at(-1) ?? '';
  const holder = path.length > 1 ? path.at(-2) : lastName(value);
  return /headers$/i.test(holder ?? '') && place.extraHeaders.has(last.toLowerCase())
    ? true
    : /headers$/i.test(holder ?? '') && idName(last) !== undefined;
}

function isOpenTelemetryBinding(place: CodePlace, binding: Binding): boolean {
  return binding.definitions.some(
    ({ value }) =>
      value !== undefined &&
      !isFunction(value) &&
      binding.kind === 'variable' &&
      isOpenTelemetry(place, value),
  );
}
