import { isCall, type Node } from '../code/syntax.js';
import type { CodePlace } from './evidence.js';

/** The statement that consists of this node only; undefined if the statement does more. */
export function statementAround(place: CodePlace, node: Node): Node | undefined {
  let at = node;
  for (
    let parent = place.file.scopes.parentOf(at);
    parent;
    at = parent, parent = place.file.scopes.parentOf(at)
  ) {
    if (parent.type === 'ExpressionStatement') return parent;
    if (parent.type === 'VariableDeclarator') {
      const declaration = place.file.scopes.parentOf(parent);
      return declaration?.type === 'VariableDeclaration' && declaration.declarations.length === 1
        ? declaration
        : undefined;
    }
    if (/Statement$|Function|^(?:Program|ObjectExpression|ObjectMethod|ClassMethod)$/.test(parent.type))
      return undefined;
    if (isCall(parent) && parent.callee !== at) return undefined;
  }
  return undefined;
}
