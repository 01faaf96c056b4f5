import { originsOf, textsOf } from '../code/origins.js';
import {
  bare,
  contains,
  isCall,
  isFunction,
  isMember,
  keyName,
  lastName,
  literalText,
  methodCall,
  type Node,
} from '../code/syntax.js';
import { idName, traceHeader } from '../code/trace-names.js';
import type { CodePlace, Evidence } from './evidence.js';
import { headerRead } from './headers.js';
import { makesId, readId } from './ids.js';
import { statementAround } from './statement-around.js';

const storePackages =
  /^(?:async_hooks|cls-hooked|continuation-local-storage|express-http-context2?|@fastify\/request-context|nestjs-cls|fastify-request-context|async-local-storage)$/;
const requestLike =
  /^(?:req|request|ctx|context|c|res|response|reply|raw|state|locals|socket|msg|message|event)$/;

/** Ids kept for later: in AsyncLocalStorage and its like, or on the request. */
export function findContexts(place: CodePlace, node: Node): Evidence[] {
  if (isCall(node)) return byCall(place, node);
  if (node.type === 'AssignmentExpression') return byAssignment(place, node.left, node.right, node);
  if (isMember(node)) return readFromStore(place, node);
  return [];
}

function byCall(place: CodePlace, call: Node): Evidence[] {
  if (!isCall(call)) return [];
  if (call.type === 'NewExpression') return storeOfIds(place, call);
  const through = methodCall(call);
  if (!through) return [];
  const [first, second] = call.arguments;
  switch (through.method) {
    case 'run':
    case 'enterWith':
    case 'runWith': {
      if (!first || !isStorage(place, through.object)) return [];
      const words = wordsIn(place, first) ?? (holdsIds(place, through.object) ? [] : undefined);
      if (!words) return [];
      return [
        {
          kind: 'context-stored',
          at: call,
          removable: through.method === 'enterWith' ? statementAround(place, call) : undefined,
          proves: words,
        },
      ];
    }
    case 'set':
    case 'get': {
      if (!first) return [];
      if (!isStorage(place, through.object)) return onContextOfRequest(place, call, through, first, second);
      const key = keyIn(place, first);
      if (key === undefined) return [];
      if (through.method === 'set' && !second) return [];
      return [
        {
          kind: through.method === 'set' ? 'context-stored' : 'context-read',
          at: call,
          removable: statementAround(place, call),
          proves: [key],
        },
      ];
    }
    case 'decorateRequest': {
      const id = first && idName(literalText(first));
      if (!id) return [];
      const needs = id.certain ? undefined : id.word;
      return [{ kind: 'context-stored', at: call, removable: statementAround(place, call), needs }];
    }
    case 'getStore': {
      // A store that is the id itself.
      const parent = place.file.scopes.parentOf(call);
      if (isMember(parent) || !storesPlainId(place, through.object)) return [];
      return [{ kind: 'context-read', at: call, removable: statementAround(place, call) }];
    }
  }
  return [];
}

/** `c.set('traceId', …)` and `c.get('traceId')` of Hono. What has a dash is a header, as in Koa. */
function onContextOfRequest(
  place: CodePlace,
  call: Node,
  { method, object }: { method: string; object: Node },
  key: Node,
  value: Node | undefined,
): Evidence[] {
  const text = literalText(key);
  const id = text?.includes('-') ? undefined : idName(text);
  if (!id || !/^(?:c|ctx|context)$/.test(lastName(object) ?? '') || (method === 'set' && !value)) return [];
  const isSure =
    id.certain || (value !== undefined && (makesId(place, value) || readId(place, value)?.certain));
  return [
    {
      kind: method === 'set' ? 'context-stored' : 'context-read',
      at: call,
      removable: statementAround(place, call),
      proves: isSure ? [id.word] : [],
      needs: isSure ? undefined : id.word,
    },
  ];
}

function keyIn(place: CodePlace, node: Node): string | undefined {
  const key = bare(node);
  const text = literalText(key) ?? textsOf(place.codeBase, place.file, key)[0] ?? lastName(key);
  if (text === undefined) return undefined;
  return idName(text)?.word ?? (traceHeader(text, place.extraHeaders) ? '' : undefined);
}

/** Whether an expression is an AsyncLocalStorage, a cls namespace, or is called like one. */
function isStorage(place: CodePlace, node: Node): boolean {
  for (const origin of originsOf(place.codeBase, place.file, node)) {
    if ('module' in origin) {
      if (storePackages.test(origin.module)) return true;
    } else if (isCall(origin.node)) {
      const callee = lastName(origin.node.callee);
      if (callee === 'AsyncLocalStorage' || /^(?:createNamespace|getNamespace)$/.test(callee ?? ''))
        return true;
    }
  }
  return /^(?:als|cls|clsService|asyncLocalStorage|asyncStorage|localStorage|httpContext|requestContext|traceContext|traceStore|contextStore)$/i.test(
    lastName(node) ?? '',
  );
}

/** The words of the ids that are stored; undefined if there are none. */
function wordsIn(place: CodePlace, node: Node): (string | undefined)[] | undefined {
  const value = bare(node);
  const id = readId(place, value);
  if (id || (isCall(value) && makesId(place, value))) return [id?.word];
  if (value.type === 'ObjectExpression') {
    const words = value.properties.flatMap((property) => {
      if (property.type !== 'ObjectProperty') return [];
      // Only files that mention traces are read. In a store of such a file, a plain `id` is a trace id.
      const read =
        keyName(property) === 'id'
          ? { word: '' }
          : (idName(keyName(property)) ?? readId(place, property.value));
      return read ? [read.word] : [];
    });
    return words.length > 0 ? words : undefined;
  }
  if (value.type === 'NewExpression' && lastName(value.callee) === 'Map') {
    return contains(value, (inner) =>
      inner.type === 'StringLiteral' ? idName(inner.value) !== undefined : false,
    )
      ? []
      : undefined;
  }
  if (value.type === 'Identifier') {
    for (const origin of originsOf(place.codeBase, place.file, value)) {
      if ('node' in origin && origin.node !== value && origin.node.type === 'ObjectExpression') {
        return wordsIn({ ...place, file: origin.file }, origin.node);
      }
    }
  }
  return undefined;
}

/** `new AsyncLocalStorage()` that ids are put into, in this file or by its type. */
function storeOfIds(place: CodePlace, call: Node): Evidence[] {
  if (!isCall(call) || lastName(call.callee) !== 'AsyncLocalStorage') return [];
  const declarator = place.file.scopes.parentOf(call);
  const typed = contains(
    declarator ?? call,
    (inner) => inner.type === 'TSPropertySignature' && idName(keyName(inner as never)) !== undefined,
  );
  const used = declarator?.type === 'VariableDeclarator' && holdsIds(place, declarator.id);
  if (!typed && !used) return [];
  return [{ kind: 'context-stored', at: call, removable: statementAround(place, call) }];
}

/** Whether an id is put into this storage anywhere in the file. */
function holdsIds(place: CodePlace, storage: Node): boolean {
  const binding = place.file.scopes.bindingOf(bare(storage));
  return binding?.references.some((reference) => storingCall(place, reference)) ?? false;
}

function storingCall(place: CodePlace, reference: Node): boolean {
  const member = place.file.scopes.parentOf(reference);
  const call = member && place.file.scopes.parentOf(member);
  return (
    isCall(call) &&
    /^(?:run|enterWith)$/.test(lastName(call.callee) ?? '') &&
    call.arguments[0] !== undefined &&
    wordsIn(place, call.arguments[0]) !== undefined
  );
}

function storesPlainId(place: CodePlace, storage: Node): boolean {
  const expression = bare(storage);
  if (expression.type !== 'Identifier') return false;
  return (
    place.file.scopes.bindingOf(expression)?.references.some((reference) => {
      const member = place.file.scopes.parentOf(reference);
      const call = member && place.file.scopes.parentOf(member);
      if (!isCall(call) || !/^(?:run|enterWith)$/.test(lastName(call.callee) ?? '')) return false;
      const first = call.arguments[0];
      return (
        first !== undefined &&
        bare(first).type !== 'ObjectExpression' &&
        (readId(place, first) !== undefined || makesId(place, first))
      );
    }) ?? false
  );
}

/** `req.traceId = …`, `ctx.state.requestId = …`, `request[name] = id` */
function byAssignment(place: CodePlace, left: Node, right: Node, whole: Node): Evidence[] {
  if (!isMember(left)) return [];
  let root: Node = bare(left.object);
  while (isMember(root)) root = bare(root.object);
  const onRequest = requestLike.test(lastName(left.object) ?? '') || requestLike.test(lastName(root) ?? '');
  const byName = idName(keyName(left as never));
  const property = keyName(left as never) ?? '';
  if (/headers$/i.test(lastName(left.object) ?? '')) return [];
  if (onRequest) {
    const value = readId(place, right);
    const made = contains(right, (inner) => isCall(inner) && makesId(place, inner));
    const isId = byName
      ? value !== undefined || made || property !== ''
      : value?.certain && !/log/i.test(property);
    if (!isId || isFunction(right)) return [];
    const sure = value?.certain || made;
    return [
      {
        kind: 'context-stored',
        at: whole,
        removable: statementAround(place, whole),
        proves: sure ? [byName?.word] : [],
        needs: sure || byName?.certain ? undefined : byName?.word,
      },
    ];
  }
  // A store that is changed: `als.getStore().traceId = …`
  if (byName && contains(left.object, (inner) => isCall(inner) && lastName(inner.callee) === 'getStore')) {
    return [
      { kind: 'context-stored', at: whole, removable: statementAround(place, whole), proves: [byName.word] },
    ];
  }
  return [];
}

/** `als.getStore()?.traceId`, `store.traceId` where `store = als.getStore()` */
function readFromStore(place: CodePlace, node: Node): Evidence[] {
  if (!isMember(node)) return [];
  const id = idName(keyName(node as never));
  const parent = place.file.scopes.parentOf(node);
  if (!id || (parent?.type === 'AssignmentExpression' && parent.left === node)) return [];
  const object = bare(node.object);
  const direct = isCall(object) && lastName(object.callee) === 'getStore';
  const named =
    object.type === 'Identifier' &&
    place.file.scopes.bindingOf(object)?.definitions.some(({ value }) => {
      const from = value && bare(value);
      return from !== undefined && isCall(from) && lastName(from.callee) === 'getStore';
    });
  // `c.var.traceId` of Hono
  const isVariable = isMember(object) && keyName(object as never) === 'var';
  if (!direct && !named && !isVariable) return [];
  if (headerRead(place, node)) return [];
  if (isVariable && !id.certain)
    return [{ kind: 'context-read', at: node, removable: statementAround(place, node), needs: id.word }];
  return [{ kind: 'context-read', at: node, removable: statementAround(place, node), proves: [id.word] }];
}
