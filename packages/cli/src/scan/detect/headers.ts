import { textsOf } from '../code/origins.js';
import {
  bare,
  contains,
  isCall,
  isMember,
  keyName,
  lastName,
  literalText,
  type MemberAccess,
  methodCall,
  type Node,
} from '../code/syntax.js';
import { idName, namesTraceHeader, traceHeader } from '../code/trace-names.js';
import type { CodePlace } from './evidence.js';

export const responseName = /^(?:res|resp|response|reply|rsp|.*Response|.*Res)$/;
export const requestName =
  /^(?:req|request|incoming|message|msg|event|ctx|context|c|call|.*Request|.*Req|.*Message)$/;
/** Also the attributes of messages of SQS and SNS. */
export const headersName = /headers$|^hdrs$|^metadata$|^messageAttributes$/i;
/** What makes headers: of `fetch`, of NATS and of gRPC. */
const headersMaker = /^(?:headers|Headers|Metadata)$/;
const readMethods = new Set(['get', 'header', 'getHeader', 'getFirst', 'getAll']);

/** The trace header that an expression names, as text, constant or import; else undefined. */
export function headerOf(place: CodePlace, node: Node): string | undefined {
  const expression = bare(node);
  const text = literalText(expression);
  if (text !== undefined) return traceHeader(text, place.extraHeaders);
  if (!/^(?:Identifier|Member|OptionalMember|Call|Template|Logical|Binary)/.test(expression.type))
    return undefined;
  const texts = textsOf(place.codeBase, place.file, expression);
  for (const text of texts) {
    const header = traceHeader(text, place.extraHeaders);
    if (header !== undefined) return header;
  }
  // A constant that only a package or the environment knows.
  const name = lastName(expression);
  return texts.length === 0 && namesTraceHeader(name) ? name : undefined;
}

/** Whether an expression is the headers of something: `req.headers`, `headers`, or another name for them. */
export function isHeaders(place: CodePlace, node: Node): boolean {
  const expression = bare(node);
  const name = lastName(expression) ?? '';
  // `KafkaHeaders` in capitals is a list of names.
  const named = headersName.test(name) && (!/^[A-Z]/.test(name) || name === 'MessageAttributes');
  if (named && (expression.type === 'Identifier' || isMember(expression))) return true;
  if (expression.type === 'LogicalExpression') return isHeaders(place, expression.left);
  if (makesHeaders(expression)) return true;
  // `ctx.request.header` of Koa.
  if (isMember(expression) && name === 'header') return requestName.test(lastName(expression.object) ?? '');
  if (expression.type !== 'Identifier') return false;
  return (
    place.file.scopes.bindingOf(expression)?.definitions.some(({ value, path }) => {
      if (headersName.test(path.at(-1) ?? '')) return true;
      if (!value || path.length > 0) return false;
      const from = bare(value);
      return (isMember(from) && headersName.test(keyName(from as never) ?? '')) || makesHeaders(from);
    }) ?? false
  );
}

function makesHeaders(node: Node): boolean {
  return isCall(node) && headersMaker.test(lastName(node.callee) ?? '');
}

/** Whether a variable holds headers that the code has made, for a call, a message or an answer. */
export function areMadeHeaders(place: CodePlace, node: Node): boolean {
  const expression = bare(node);
  if (expression.type !== 'Identifier') return false;
  const definitions = place.file.scopes.bindingOf(expression)?.definitions ?? [];
  return definitions.some(({ value, path }) => value && path.length === 0 && makesHeaders(bare(value)));
}

/** The trace header that this expression reads from a request or message; undefined if it reads none. */
export function headerRead(place: CodePlace, node: Node): string | undefined {
  if (isMember(node)) {
    if (isWritten(place, node)) return undefined;
    const header = memberHeader(place, node);
    if (header === undefined || !isHeaders(place, node.object)) return undefined;
    return isOfResponse(place, node.object) ? undefined : header;
  }
  if (!isCall(node) || node.arguments.length !== 1) return undefined;
  const through = methodCall(node);
  const argument = node.arguments[0];
  if (!through || !argument || !readMethods.has(through.method)) return undefined;
  const { object } = through;
  const receiver = lastName(object) ?? '';
  const plausible =
    isHeaders(place, object) ||
    requestName.test(receiver) ||
    receiver === 'this' ||
    (through.method !== 'get' && !responseName.test(receiver));
  if (!plausible || isOfResponse(place, object)) return undefined;
  return headerOf(place, argument);
}

/** `req.get(options.header)`: a header whose name only the configuration knows. */
export function readsUnknownHeader(place: CodePlace, node: Node): boolean {
  if (isMember(node)) {
    return (
      node.computed &&
      !isLiteral(place, node.property) &&
      isHeaders(place, node.object) &&
      !isWritten(place, node) &&
      !isOfResponse(place, node.object)
    );
  }
  if (!isCall(node) || node.arguments.length !== 1) return false;
  const through = methodCall(node);
  const name = lastName(through?.object ?? node) ?? '';
  return (
    through !== undefined &&
    node.arguments[0] !== undefined &&
    readMethods.has(through.method) &&
    !isLiteral(place, node.arguments[0]) &&
    /^(?:req|request|ctx|incoming|.*Request)$/.test(name)
  );
}

export function isLiteral(place: CodePlace, node: Node): boolean {
  return (
    !/^(?:Identifier|Member|OptionalMember)/.test(bare(node).type) ||
    textsOf(place.codeBase, place.file, node).length > 0
  );
}

export function memberHeader(place: CodePlace, node: MemberAccess): string | undefined {
  if (node.computed) return headerOf(place, node.property as Node);
  // `headers.traceparent`, and the camel case of message headers.
  const name = keyName(node as never);
  if (name === undefined) return undefined;
  return (
    traceHeader(name, place.extraHeaders) ??
    (idName(name) && isHeaders(place, node.object) ? name : undefined)
  );
}

export function isOfResponse(place: CodePlace, node: Node): boolean {
  return contains(node, (inner) => {
    const name =
      inner.type === 'Identifier' ? inner.name : isMember(inner) ? keyName(inner as never) : undefined;
    if (name !== undefined && responseName.test(name)) return true;
    if (inner.type !== 'Identifier') return false;
    const binding = place.file.scopes.bindingOf(inner);
    return binding?.definitions.some(({ value }) => value !== undefined && isFetched(value)) ?? false;
  });
}

function isFetched(node: Node): boolean {
  const value = bare(node);
  if (isMember(value)) return responseName.test(lastName(value.object) ?? '') || isFetched(value.object);
  return isCall(value) && /^(?:fetch|axios|got)$/.test(lastName(value.callee) ?? '');
}

function isWritten(place: CodePlace, node: Node): boolean {
  const parent = place.file.scopes.parentOf(node);
  return (
    (parent?.type === 'AssignmentExpression' && parent.left === node) ||
    (parent?.type === 'UnaryExpression' && parent.operator === 'delete')
  );
}
