import { originsOf } from '../code/origins.js';
import {
  bare,
  contains,
  isCall,
  isMember,
  keyName,
  lastName,
  methodCall,
  type Node,
} from '../code/syntax.js';
import { type IdName, idName } from '../code/trace-names.js';
import type { CodePlace, Evidence } from './evidence.js';
import { headersName, requestName, responseName } from './headers.js';
import { readId } from './ids.js';
import { statementAround } from './statement-around.js';

const queueClasses = /^(?:Queue|FlowProducer|Bull|Agenda|PgBoss|BeeQueue)$/;
const queueName = /queues?$|^jobs$|^agenda$|^boss$|^flow(?:Producer)?$/i;
const queueMethods = /^(?:add|addBulk|now|schedule|every|createJob|enqueue|insert)$/;
const serializers = /^(?:stringify|encode|from)$/;
const senders = /^(?:publish|sendToQueue|send|produce|respond)$/;
const sendCommands = /^(?:SendMessage|SendMessageBatch|Publish|PublishBatch)Command$/;
const sockets = /socket$|^ws$|^process$/i;

/** Ids in the data of a job, or in the body of a message: not in its headers. */
export function findPayloads(place: CodePlace, node: Node): Evidence[] {
  if (node.type === 'ObjectProperty') return sent(place, node);
  if (isMember(node)) return readByMember(place, node);
  if (node.type === 'VariableDeclarator' && node.init && node.id.type === 'ObjectPattern')
    return isPayload(place, node.init) ? readByPattern(place, node.id) : [];
  return [];
}

function evidence(kind: 'payload-sent' | 'payload-read', at: Node, removable: Node | undefined, id: IdName) {
  return {
    kind,
    at,
    removable,
    proves: id.certain ? [id.word] : [],
    needs: id.certain ? undefined : id.word,
  };
}

/** `queue.add('mail', { traceId })`, `channel.publish(…, Buffer.from(JSON.stringify({ traceId })))` */
function sent(place: CodePlace, property: Node): Evidence[] {
  if (property.type !== 'ObjectProperty' || property.computed) return [];
  const object = place.file.scopes.parentOf(property);
  if (object?.type !== 'ObjectExpression') return [];
  const id = idName(keyName(property));
  if (!id || !isSent(place, object)) return [];
  return [
    evidence('payload-sent', property, property, readId(place, property.value)?.certain ? sure(id) : id),
  ];
}

function sure(id: IdName): IdName {
  return { ...id, certain: true };
}

function isSent(place: CodePlace, object: Node): boolean {
  let isSerialized = false;
  let at = object;
  for (
    let parent = place.file.scopes.parentOf(at);
    parent;
    at = parent, parent = place.file.scopes.parentOf(at)
  ) {
    switch (parent.type) {
      case 'ObjectProperty':
        if (headersName.test(keyName(parent) ?? '')) return false;
        continue;
      case 'ObjectExpression':
      case 'ArrayExpression':
      case 'SpreadElement':
      case 'ConditionalExpression':
      case 'LogicalExpression':
      case 'TSAsExpression':
      case 'TSSatisfiesExpression':
      case 'ParenthesizedExpression':
        continue;
      case 'CallExpression':
      case 'OptionalCallExpression':
      case 'NewExpression': {
        if (parent.callee === at) return false;
        const name = lastName(parent.callee) ?? '';
        if (serializers.test(name)) {
          isSerialized = true;
          continue;
        }
        if (sendCommands.test(name)) return isSerialized;
        const receiver = methodCall(parent)?.object;
        if (!receiver) return false;
        if (queueMethods.test(name)) return isQueue(place, receiver);
        const to = lastName(receiver) ?? '';
        return (
          isSerialized &&
          senders.test(name) &&
          !responseName.test(to) &&
          !requestName.test(to) &&
          !sockets.test(to)
        );
      }
      default:
        return false;
    }
  }
  return false;
}

function isQueue(place: CodePlace, receiver: Node): boolean {
  if (queueName.test(lastName(receiver) ?? '')) return true;
  return originsOf(place.codeBase, place.file, receiver).some(
    (origin) =>
      'node' in origin && isCall(origin.node) && queueClasses.test(lastName(origin.node.callee) ?? ''),
  );
}

/** `job.data.traceId`, `JSON.parse(message.content.toString()).traceId` */
function readByMember(place: CodePlace, node: Node): Evidence[] {
  if (!isMember(node)) return [];
  const id = idName(keyName(node as never));
  if (!id || !isPayload(place, node.object)) return [];
  const parent = place.file.scopes.parentOf(node);
  if (parent?.type === 'AssignmentExpression' && parent.left === node) return [];
  return [evidence('payload-read', node, statementAround(place, node), id)];
}

/** `const { traceId, ...order } = job.data` */
function readByPattern(place: CodePlace, pattern: Node): Evidence[] {
  if (pattern.type !== 'ObjectPattern') return [];
  return pattern.properties.flatMap((property) => {
    const id = property.type === 'ObjectProperty' ? idName(keyName(property)) : undefined;
    if (!id) return [];
    const isAlone = pattern.properties.length === 1;
    return [evidence('payload-read', property, isAlone ? statementAround(place, pattern) : property, id)];
  });
}

/** What a job or a message carries, parsed. */
function isPayload(place: CodePlace, node: Node, depth = 0): boolean {
  const value = bare(node);
  // A variable may hold itself: `body = body || {}`.
  if (depth > 4) return false;
  const deeper = (inner: Node) => isPayload(place, inner, depth + 1);
  if (value.type === 'ConditionalExpression') return deeper(value.consequent) || deeper(value.alternate);
  if (value.type === 'LogicalExpression') return deeper(value.left);
  if (isMember(value)) return isData(keyName(value as never), value.object);
  if (isCall(value)) {
    const through = methodCall(value);
    if (through?.method === 'json') return /^(?:m|msg|message)$/i.test(lastName(through.object) ?? '');
    return (
      through?.method === 'parse' &&
      lastName(through.object) === 'JSON' &&
      contains(
        value,
        (inner) => isMember(inner) && /^(?:content|data|body|value)$/i.test(keyName(inner as never) ?? ''),
      )
    );
  }
  if (value.type !== 'Identifier') return false;
  return (
    place.file.scopes
      .bindingOf(value)
      ?.definitions.some(({ value: from, path }) =>
        from === undefined || bare(from).type === 'Identifier'
          ? from !== undefined && isData(path.at(-1), from)
          : path.length === 0 && deeper(from),
      ) ?? false
  );
}

/** `job.data` */
function isData(name: string | undefined, of: Node): boolean {
  return name === 'data' && /job$/i.test(lastName(of) ?? '');
}
