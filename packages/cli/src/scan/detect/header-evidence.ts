import { originsOf } from '../code/origins.js';
import {
  bare,
  isCall,
  isFunction,
  isMember,
  keyName,
  lastName,
  type MemberAccess,
  methodCall,
  type Node,
} from '../code/syntax.js';
import { idName, traceHeader } from '../code/trace-names.js';
import type { CodePlace, Evidence } from './evidence.js';
import {
  areMadeHeaders,
  headerOf,
  headerRead,
  headersName,
  isHeaders,
  isLiteral,
  isOfResponse,
  memberHeader,
  readsUnknownHeader,
  requestName,
  responseName,
} from './headers.js';
import { readId } from './ids.js';
import { statementAround } from './statement-around.js';

const outgoingName =
  /^(?:proxyReq|clientReq(?:uest)?|outgoing|config|cfg|opts|options|requestOptions|init|defaults|common|axiosConfig|requestConfig)$/;
const writeMethods = new Set(['set', 'setHeader', 'header', 'append', 'appendHeader', 'addHeader', 'add']);

type Direction = 'header-sent' | 'header-returned' | 'context-stored';

/** Whether what is written goes to a caller, to a callee, or stays on the request. */
function directionOf(place: CodePlace, node: Node): Direction {
  if (areMadeHeaders(place, node)) return 'header-sent';
  const names: string[] = [];
  for (let at: Node = bare(node); ; ) {
    const name = lastName(at);
    if (name !== undefined) names.push(name);
    if (isMember(at)) at = bare(at.object);
    else if (isCall(at)) at = bare(at.callee);
    else break;
  }
  if (names.some((name) => outgoingName.test(name))) return 'header-sent';
  if (names.some((name) => responseName.test(name))) return 'header-returned';
  const root = names.at(-1) ?? '';
  if (/^(?:ctx|context|c|h|this)$/.test(root) && names.length === 1) return 'header-returned';
  if (isMember(bare(node)) && requestName.test(root) && !isClientRequest(place, node))
    return 'context-stored';
  return 'header-sent';
}

/** `const req = http.request(…)` is an outgoing call, not an incoming request. */
function isClientRequest(place: CodePlace, node: Node): boolean {
  let root = bare(node);
  while (isMember(root)) root = bare(root.object);
  return originsOf(place.codeBase, place.file, root).some(
    (origin) =>
      'node' in origin &&
      isCall(origin.node) &&
      /^(?:request|get|Request|clone)$/.test(lastName(origin.node.callee) ?? ''),
  );
}

export function findHeaders(place: CodePlace, node: Node): Evidence[] {
  if (isMember(node) || isCall(node)) {
    const header = headerRead(place, node) ?? (readsCorrelationId(place, node) ? 'correlationId' : undefined);
    const intoId = namesAround(place, node).some((word) => word !== undefined);
    if (header !== undefined || (intoId && readsUnknownHeader(place, node))) {
      return [
        {
          kind: 'header-read',
          at: node,
          header,
          removable: declarationAround(place, node),
          proves: namesAround(place, node),
        },
      ];
    }
  }
  if (isCall(node)) return writeByCall(place, node);
  if (node.type === 'AssignmentExpression' && isMember(node.left))
    return writeByAssignment(place, node, node.left);
  if (node.type === 'ObjectProperty' || node.type === 'ObjectMethod')
    return [...optionOfFastify(place, node), ...writeByProperty(place, node)];
  if (node.type === 'VariableDeclarator' && node.init && node.id.type === 'ObjectPattern')
    return readByPattern(place, node.id, node.init);
  return [];
}

/** `requestIdHeader: 'x-trace-id'` */
function optionOfFastify(place: CodePlace, property: Node): Evidence[] {
  if (property.type !== 'ObjectProperty' || keyName(property) !== 'requestIdHeader') return [];
  const header = headerOf(place, property.value);
  return header === undefined ? [] : [{ kind: 'header-read', at: property, header, removable: property }];
}

function writeByCall(place: CodePlace, node: Node): Evidence[] {
  if (!isCall(node) || node.arguments.length < 2) return [];
  const through = methodCall(node);
  const [name, value] = node.arguments;
  if (!through || !name || !value || !writeMethods.has(through.method)) return [];
  // `add` is a method of many things.
  if (through.method === 'add' && !isHeaders(place, through.object)) return [];
  const header = headerOf(place, name);
  if (isConfiguration(value)) return [];
  if (header === undefined) {
    // A header that only the configuration names, on an answer, with an id.
    const sent =
      !isLiteral(place, name) && responseName.test(lastName(through.object) ?? '') && readId(place, value);
    if (!sent) return [];
  }
  if (through.method === 'set' && isStore(through.object) && !isHeaders(place, through.object)) return [];
  const kind = directionOf(place, through.object);
  return [
    { kind, at: node, header, removable: statementAround(place, node), proves: [wordOf(place, value)] },
  ];
}

function isStore(node: Node): boolean {
  return /store|cls|als|storage|namespace|^ns$|httpContext|cache|map|registry|^(?:trace)?context$|params|query/i.test(
    lastName(node) ?? '',
  );
}

function writeByAssignment(place: CodePlace, node: Node & { right: Node }, left: MemberAccess): Evidence[] {
  const header = memberHeader(place, left);
  if (header === undefined || isConfiguration(node.right)) return [];
  const holder = lastName(left.object) ?? '';
  const plausible =
    isHeaders(place, left.object) ||
    (/^(?:common|get|post|put|patch|delete)$/.test(holder) && isMember(bare(left.object)));
  if (!plausible) return [];
  return [
    {
      kind: directionOf(place, left.object),
      at: node,
      header,
      removable: statementAround(place, node),
      proves: [wordOf(place, node.right)],
    },
  ];
}

function writeByProperty(place: CodePlace, property: Node): Evidence[] {
  if (property.type !== 'ObjectProperty' && property.type !== 'ObjectMethod') return [];
  const object = place.file.scopes.parentOf(property);
  if (object?.type !== 'ObjectExpression') return [];
  const inHeaders = isHeadersObject(place, object);
  const name = property.computed ? undefined : keyName(property);
  const header = property.computed
    ? headerOf(place, property.key)
    : (traceHeader(name ?? '', place.extraHeaders) ?? (inHeaders && idName(name) ? name : undefined));
  if (header === undefined) return byCorrelationId(place, property, object);
  if (property.type === 'ObjectProperty' && !attributeText(property.value)) {
    if (isConfiguration(property.value)) return [];
    const literal = /Literal$/.test(property.value.type) && property.value.type !== 'TemplateLiteral';
    if (literal && (!inHeaders || property.value.type !== 'StringLiteral')) return [];
    // `{ 'x-trace-id': traceId }` outside of headers: only if the value is an id.
    if (!inHeaders && !readId(place, property.value)) return [];
  } else if (!inHeaders || (property.type === 'ObjectMethod' && property.kind !== 'get')) {
    return [];
  }
  const value = property.type === 'ObjectProperty' ? property.value : undefined;
  return [
    {
      kind: directionOfObject(place, object),
      at: property,
      header,
      removable: property,
      proves: value ? [wordOf(place, attributeText(value) ?? value)] : [],
    },
  ];
}

function directionOfObject(place: CodePlace, object: Node): Direction {
  const call = callAround(place, object);
  const through = call && methodCall(call);
  if (through && /^(?:set|writeHead|header|headers|code|status)$/.test(through.method))
    return directionOf(place, through.object);
  // `c.json(order, 200, { … })` of Hono
  if (through && /^(?:json|text|html|body|newResponse)$/.test(through.method))
    return directionOf(place, through.object);
  // `new Response(body, { headers: { … } })`
  const property = place.file.scopes.parentOf(object);
  const options = property?.type === 'ObjectProperty' && place.file.scopes.parentOf(property);
  const response = options && callAround(place, options);
  const isResponse = response && responseName.test(lastName(response.callee) ?? '');
  return isResponse && response.type === 'NewExpression' ? 'header-returned' : 'header-sent';
}

/** `{ DataType: 'String', StringValue: traceId }`: an attribute of a message of SQS or SNS. */
function attributeText(node: Node): Node | undefined {
  const value = bare(node);
  if (value.type !== 'ObjectExpression') return undefined;
  for (const property of value.properties) {
    if (property.type === 'ObjectProperty' && /^stringValue$/i.test(keyName(property) ?? ''))
      return property.value;
  }
  return undefined;
}

/** The property `correlationId` of AMQP. It is for replies; some services put the trace id there. */
function byCorrelationId(place: CodePlace, property: Node, object: Node): Evidence[] {
  if (property.type !== 'ObjectProperty' || keyName(property) !== 'correlationId') return [];
  const call = callAround(place, object);
  const method = call && methodCall(call)?.method;
  if (!/^(?:publish|sendToQueue)$/.test(method ?? '') || !readId(place, property.value)?.certain) return [];
  return [{ kind: 'header-sent', at: property, header: 'correlationId', removable: property }];
}

/** `const traceId = message.properties.correlationId` */
function readsCorrelationId(place: CodePlace, node: Node): boolean {
  if (!isMember(node) || keyName(node as never) !== 'correlationId') return false;
  if (lastName(node.object) !== 'properties') return false;
  const declarator = place.file.scopes.parentOf(node);
  return (
    declarator?.type === 'VariableDeclarator' &&
    declarator.init === node &&
    idName(lastName(declarator.id))?.certain === true
  );
}

/** An object that becomes headers: the value of `headers`, an argument of `new Headers`, a variable of that name. */
function isHeadersObject(place: CodePlace, object: Node): boolean {
  let at = object;
  for (
    let parent = place.file.scopes.parentOf(at);
    parent;
    at = parent, parent = place.file.scopes.parentOf(at)
  ) {
    switch (parent.type) {
      case 'ObjectProperty':
      case 'ClassProperty':
        return at !== parent.key && headersName.test(keyName(parent) ?? '');
      case 'VariableDeclarator':
        return parent.id.type === 'Identifier' && headersName.test(parent.id.name);
      case 'AssignmentExpression':
        return headersName.test(lastName(parent.left) ?? '') || /^common$/.test(lastName(parent.left) ?? '');
      case 'CallExpression':
      case 'NewExpression':
      case 'OptionalCallExpression': {
        const callee = lastName(parent.callee) ?? '';
        if (callee === 'Headers' || headersName.test(callee)) return true;
        if (callee === 'assign') {
          const first = parent.arguments[0];
          return (
            (first !== undefined && first !== at && isHeaders(place, first)) || isHeadersObject(place, parent)
          );
        }
        return callee === 'writeHead';
      }
      case 'ConditionalExpression':
      case 'LogicalExpression':
      case 'SpreadElement':
      case 'ObjectExpression':
      case 'TSAsExpression':
      case 'TSSatisfiesExpression':
      case 'ParenthesizedExpression':
        continue;
      case 'ReturnStatement':
      case 'ArrowFunctionExpression': {
        for (let up: Node | undefined = parent; up; up = place.file.scopes.parentOf(up)) {
          const name =
            up.type === 'FunctionDeclaration' || up.type === 'FunctionExpression'
              ? up.id?.name
              : up.type === 'VariableDeclarator' || up.type === 'ClassMethod' || up.type === 'ObjectMethod'
                ? (keyName(up as never) ?? (up.type === 'VariableDeclarator' ? lastName(up.id) : undefined))
                : undefined;
          if (name !== undefined) return headersName.test(name);
        }
        return false;
      }
      default:
        return false;
    }
  }
  return false;
}

/** A schema, a description or a list of allowed headers is not a value that is sent. */
function isConfiguration(node: Node): boolean {
  const value = bare(node);
  if (
    isFunction(value) ||
    /^(?:Object|Array)Expression$|^(?:Boolean|Numeric|Null|RegExp)Literal$/.test(value.type)
  )
    return true;
  if (!isCall(value)) return false;
  let root: Node = value;
  while (isCall(root) || isMember(root)) root = bare(isCall(root) ? root.callee : root.object);
  return (
    root.type === 'Identifier' &&
    /^(?:Joi|joi|z|yup|Type|t|S|v|expect|jest|vi|sinon|Matchers|like)$/.test(root.name)
  );
}

function readByPattern(place: CodePlace, pattern: Node, init: Node): Evidence[] {
  if (pattern.type !== 'ObjectPattern') return [];
  const found: Evidence[] = [];
  const visit = (inner: Node, ofHeaders: boolean): void => {
    if (inner.type !== 'ObjectPattern') return;
    for (const property of inner.properties) {
      if (property.type !== 'ObjectProperty') continue;
      const name = property.computed ? undefined : keyName(property);
      if (ofHeaders) {
        const header = property.computed
          ? headerOf(place, property.key)
          : (traceHeader(name ?? '', place.extraHeaders) ?? (idName(name) && name));
        if (header !== undefined) {
          const target = property.value.type === 'AssignmentPattern' ? property.value.left : property.value;
          found.push({
            kind: 'header-read',
            at: property,
            header,
            removable: inner.properties.length === 1 ? statementAround(place, inner) : property,
            proves: [idName(lastName(target))?.word],
          });
        }
      }
      visit(property.value, headersName.test(name ?? ''));
    }
  };
  visit(pattern, isHeaders(place, init) && !isOfResponse(place, init));
  return found;
}

function wordOf(place: CodePlace, node: Node): string | undefined {
  return readId(place, node)?.word || idName(lastName(node))?.word;
}

function callAround(place: CodePlace, node: Node) {
  const parent = place.file.scopes.parentOf(node);
  return isCall(parent) ? parent : undefined;
}

/** What takes the value that a node reads: a declaration or assignment and nothing more. */
function declarationAround(place: CodePlace, node: Node): Node | undefined {
  return statementAround(place, node);
}

/** Words of the names that take the value of a node. */
function namesAround(place: CodePlace, node: Node): (string | undefined)[] {
  for (let at = place.file.scopes.parentOf(node); at; at = place.file.scopes.parentOf(at)) {
    if (at.type === 'VariableDeclarator') return [idName(lastName(at.id))?.word];
    if (at.type === 'AssignmentExpression') return [idName(lastName(at.left))?.word];
    if (at.type === 'ObjectProperty') return [idName(keyName(at))?.word];
    if (/Statement$|Function/.test(at.type)) return [];
  }
  return [];
}
