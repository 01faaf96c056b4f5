import { originsOf } from '../code/origins.js';
import {
  bare,
  type Call,
  contains,
  isCall,
  isFunction,
  isMember,
  keyName,
  lastName,
  literalText,
  methodCall,
  type Node,
  returned,
} from '../code/syntax.js';
import { idName } from '../code/trace-names.js';
import type { CodePlace, Evidence } from './evidence.js';
import { isOpenTelemetry, readId } from './ids.js';

const levels = /^(?:trace|debug|info|http|verbose|notice|log|warn|warning|error|fatal|silly|critical|alert)$/;
const bindings = /^(?:child|assign|setBindings|addContext|defaultMeta|withContext)$/;
const loggerName = /log(?:ger)?$|^console$|^winston$|^pino$|^bunyan$/i;
const loggerPackages =
  /^(?:winston|pino|pino-http|bunyan|log4js|loglevel|express-pino-logger|koa-pino-logger|express-winston|nestjs-pino|signale|tslog|roarr)$/;

/** Ids that are put into log lines. */
export function findLogs(place: CodePlace, node: Node): Evidence[] {
  if (node.type === 'ObjectProperty') return labelOfFastify(node);
  if (!isCall(node)) return [];
  const through = methodCall(node);
  if (through) {
    if (levels.test(through.method) && loggerName.test(lastName(through.object) ?? '')) {
      return node.arguments.flatMap((argument) => inArgument(place, argument, false));
    }
    if (bindings.test(through.method) && loggerName.test(lastName(through.object) ?? '')) {
      return node.arguments.flatMap((argument) => inArgument(place, argument, true));
    }
    if (through.method === 'token' && lastName(through.object) === 'morgan')
      return tokenOfMorgan(place, node);
  }
  const callee = lastName(node.callee) ?? '';
  if (callee === 'printf' || (callee === 'format' && isFunction(node.arguments[0])))
    return inFormat(place, node);
  if (/^(?:createLogger|pino|pinoHttp|Logger)$/i.test(callee) || isLoggerPackage(place, node))
    return inLoggerOptions(place, node);
  return [];
}

function isLoggerPackage(place: CodePlace, call: Call): boolean {
  const callee = bare(call.callee);
  if (callee.type !== 'Identifier' && !isMember(callee)) return false;
  return originsOf(place.codeBase, place.file, callee).some(
    (origin) => 'module' in origin && loggerPackages.test(origin.module),
  );
}

/** What a log call is given: an object with the id, the id alone, or a text with it. */
function inArgument(place: CodePlace, argument: Node, child: boolean): Evidence[] {
  const value = bare(argument);
  switch (value.type) {
    case 'ObjectExpression':
      return value.properties.flatMap((property) => {
        if (property.type !== 'ObjectProperty') return [];
        const byName = idName(keyName(property));
        const byValue = readId(place, property.value);
        if (!byName && !byValue?.certain) return [];
        if (
          isOpenTelemetry(place, property.value) ||
          /^(?:Object|Array)Expression$/.test(property.value.type)
        )
          return [];
        return [logged(property, property, byName ?? byValue, child, byValue?.certain)];
      });
    case 'TemplateLiteral': {
      const part = value.expressions.find((expression) => isIdValue(place, expression));
      const id = part && readId(place, part);
      return id ? [logged(part, undefined, id, false)] : [];
    }
    case 'BinaryExpression': {
      const part = [value.left, value.right].find((side) => isIdValue(place, side));
      if (part) {
        const id = readId(place, part);
        return id ? [logged(part, undefined, id, false)] : [];
      }
      return value.left.type === 'BinaryExpression' ? inArgument(place, value.left, child) : [];
    }
    case 'Identifier':
    case 'MemberExpression':
    case 'OptionalMemberExpression':
    case 'CallExpression':
    case 'OptionalCallExpression': {
      if (isCall(value) && /^(?:stringify|format|inspect)$/.test(lastName(value.callee) ?? '')) {
        return value.arguments.flatMap((inner) => inArgument(place, inner, child));
      }
      if (!isIdValue(place, value)) return [];
      const id = readId(place, value);
      return id ? [logged(value, undefined, id, false)] : [];
    }
    default:
      return [];
  }
}

function isIdValue(place: CodePlace, node: Node): boolean {
  const value = bare(node);
  if (value.type === 'TemplateLiteral' || value.type === 'BinaryExpression') return false;
  return readId(place, value) !== undefined && !isOpenTelemetry(place, value);
}

function logged(
  at: Node,
  removable: Node | undefined,
  id: { word: string; certain: boolean } | undefined,
  proven: boolean,
  certainValue = false,
): Evidence {
  const sure = proven || certainValue || id?.certain;
  return {
    kind: 'logged',
    at,
    removable,
    proves: sure ? [id?.word] : [],
    needs: sure ? undefined : id?.word,
  };
}

/** `requestIdLogLabel: 'traceId'`, an option of Fastify. */
function labelOfFastify(property: Node): Evidence[] {
  if (property.type !== 'ObjectProperty' || keyName(property) !== 'requestIdLogLabel') return [];
  const id = idName(literalText(property.value));
  return id ? [{ kind: 'logged', at: property, removable: property }] : [];
}

/** winston's `printf` and `format`: the line is put together with the id. */
function inFormat(place: CodePlace, call: Call): Evidence[] {
  const fn = call.arguments[0];
  if (!isFunction(fn)) return [];
  let found: Node | undefined;
  contains(fn, (inner) => {
    if (
      inner.type === 'ObjectProperty' &&
      idName(keyName(inner)) &&
      (place.file.scopes.parentOf(inner)?.type === 'ObjectPattern' || !isOpenTelemetry(place, inner.value))
    )
      found ??= inner;
    else if (isMember(inner) && idName(keyName(inner as never)) && !isFromSpan(place, inner)) found ??= inner;
    return found !== undefined;
  });
  return found ? [{ kind: 'logged', at: found, needs: neededBy(found) }] : [];
}

/** `info.trace_id = span.spanContext().traceId`, and the reading of it. */
function isFromSpan(place: CodePlace, member: Node): boolean {
  const parent = place.file.scopes.parentOf(member);
  const assigned = parent?.type === 'AssignmentExpression' && parent.left === member ? parent.right : member;
  return isOpenTelemetry(place, assigned);
}

function neededBy(node: Node): string | undefined {
  const id = idName(keyName(node as never));
  return id?.certain ? undefined : id?.word;
}

/** `defaultMeta`, pino's `mixin`, `base`, `customProps` and `genReqId`. */
function inLoggerOptions(place: CodePlace, call: Call): Evidence[] {
  const found: Evidence[] = [];
  for (const argument of call.arguments) {
    if (argument.type !== 'ObjectExpression') continue;
    for (const property of argument.properties) {
      if (property.type === 'SpreadElement') continue;
      const name = keyName(property) ?? '';
      const value = property.type === 'ObjectMethod' ? property : property.value;
      if (/^(?:mixin|customProps|customAttributeKeys|formatters)$/.test(name) && isFunction(value)) {
        for (const result of returned(value)) found.push(...inArgument(place, result, true));
      } else if (/^(?:defaultMeta|base|bindings|mixin)$/.test(name)) {
        found.push(...inArgument(place, value, true));
      } else if (name === 'genReqId') {
        found.push({ kind: 'logged', at: property, removable: property });
      }
    }
  }
  return found;
}

function tokenOfMorgan(place: CodePlace, call: Call): Evidence[] {
  const [name, fn] = call.arguments;
  const id = name?.type === 'StringLiteral' ? idName(name.value) : undefined;
  const reads = isFunction(fn) && returned(fn).some((value) => readId(place, value) !== undefined);
  return id || reads ? [{ kind: 'logged', at: call, removable: call }] : [];
}
