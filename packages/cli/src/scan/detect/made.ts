import {
  bare,
  isCall,
  isFunction,
  isMember,
  keyName,
  lastName,
  literalText,
  type Node,
} from '../code/syntax.js';
import { type IdName, idName } from '../code/trace-names.js';
import type { CodePlace, Evidence } from './evidence.js';
import { headerOf, headerRead } from './headers.js';
import { makesId, readId } from './ids.js';
import { statementAround } from './statement-around.js';

const certain: IdName = { word: '', certain: true };

/** Where an id is made and goes to something that is the id of a trace. */
export function findMadeIds(place: CodePlace, node: Node): Evidence[] {
  if (!isCall(node) || headerRead(place, node) || !makesId(place, node)) return [];
  const id = whereItGoes(place, node);
  if (!id) return [];
  return [
    {
      kind: 'id-made',
      at: node,
      removable: statementAround(place, node),
      needs: id.certain ? undefined : id.word,
    },
  ];
}

/** Follows a value outwards until something with a name takes it. */
function whereItGoes(place: CodePlace, node: Node): IdName | undefined {
  const { scopes } = place.file;
  let at = node;
  let beside: IdName | undefined;
  for (let parent = scopes.parentOf(at); parent; at = parent, parent = scopes.parentOf(at)) {
    switch (parent.type) {
      case 'LogicalExpression':
        beside ??= readId(place, parent.left === at ? parent.right : parent.left);
        continue;
      case 'ConditionalExpression':
        if (at === parent.test) return undefined;
        beside ??= readId(place, parent.consequent === at ? parent.alternate : parent.consequent);
        continue;
      case 'VariableDeclarator':
        return best(beside, at === parent.init ? readId(place, parent.id) : undefined);
      case 'AssignmentExpression':
        return best(beside, readId(place, parent.left), idNameOfHeader(place, parent.left));
      case 'AssignmentPattern':
        return best(beside, readId(place, parent.left));
      case 'ObjectProperty':
      case 'ClassProperty':
        // In a header the property itself is the finding, and the id is made there too.
        return best(beside, idName(keyName(parent)), idNameOfKey(place, parent));
      case 'ReturnStatement':
      case 'ArrowFunctionExpression': {
        if (beside?.certain) return beside;
        const name = nameOfFunction(place, parent);
        return best(
          beside,
          idName(name?.replace(/^(?:generate|create|make|new|gen|next|get|ensure|resolve)/i, '')),
          /^genReqId$/.test(name ?? '') ? { word: 'reqid', certain: true } : undefined,
        );
      }
      case 'CallExpression':
      case 'OptionalCallExpression':
      case 'NewExpression': {
        if (parent.callee === at) continue;
        // `String(uuid())`, `format(uuid())`, `ns.set('traceId', uuid())`, `als.run(uuid(), …)`
        const first = parent.arguments[0];
        if (first && first !== at)
          return best(beside, idName(literalText(first)), headerOf(place, first) ? certain : undefined);
        if (parent.callee.type === 'Identifier') continue;
        if (
          isMember(bare(parent.callee)) &&
          /^(?:run|enterWith|withId)$/.test(lastName(parent.callee) ?? '')
        ) {
          return best(beside, { word: 'traceid', certain: false });
        }
        return beside;
      }
      default:
        if (/Statement$|^Program$|Declaration$/.test(parent.type) || isFunction(parent)) return beside;
    }
  }
  return beside;
}

function best(...ids: (IdName | undefined)[]): IdName | undefined {
  return ids.find((id) => id?.certain) ?? ids.find((id) => id !== undefined);
}

function idNameOfKey(place: CodePlace, property: Node): IdName | undefined {
  const { key, computed } = property as Node & { key: Node; computed?: boolean };
  const isHeader = computed || key.type === 'StringLiteral' ? headerOf(place, key) !== undefined : false;
  return isHeader ? certain : undefined;
}

function idNameOfHeader(place: CodePlace, left: Node): IdName | undefined {
  return isMember(left) && left.computed && headerOf(place, left.property) !== undefined
    ? certain
    : undefined;
}

function nameOfFunction(place: CodePlace, node: Node): string | undefined {
  for (let at: Node | undefined = node; at; at = place.file.scopes.parentOf(at)) {
    if ((at.type === 'FunctionDeclaration' || at.type === 'FunctionExpression') && at.id) return at.id.name;
    if (at.type === 'ClassMethod' || at.type === 'ObjectMethod' || at.type === 'ObjectProperty')
      return keyName(at);
    if (at.type === 'VariableDeclarator') return lastName(at.id);
    if (at.type === 'CallExpression') return undefined;
  }
  return undefined;
}
