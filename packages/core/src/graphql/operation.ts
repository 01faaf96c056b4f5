import { propertyOf } from '../model/foreign-error.js';
import { copyOf } from '../model/text-copy.js';

/** The operation of a document that is executed. */
export interface Operation {
  readonly type: string;
  /** As the client wrote it; undefined for an anonymous one. */
  readonly name: string | undefined;
  /** The name as a label: the number of different ones is bounded. */
  readonly shownName: string | undefined;
  readonly document: unknown;
}

/** Clients choose the names, so their number has a limit. */
const maxNames = 200;
const maxNameLength = 64;
const shownNames = new Set<string>();

/**
 * @param args of `execute`: one object, or the schema, the document and so on as separate arguments
 * @throws if there is no such operation; execution then fails as well
 */
export function operationOf(args: readonly unknown[]): Operation {
  const [first, second] = args;
  const isObject = propertyOf(first, 'document') !== undefined;
  const document = isObject ? propertyOf(first, 'document') : second;
  const wanted = isObject ? propertyOf(first, 'operationName') : args[5];
  const definitions = propertyOf(document, 'definitions') as readonly unknown[];
  for (const definition of definitions) {
    if (propertyOf(definition, 'kind') !== 'OperationDefinition') continue;
    const given = propertyOf(propertyOf(definition, 'name'), 'value');
    if (wanted !== undefined && wanted !== null && given !== wanted) continue;
    const type = String(propertyOf(definition, 'operation'));
    const name = typeof given === 'string' ? given.slice(0, maxNameLength) : undefined;
    return { type, name, shownName: name === undefined ? undefined : shown(name), document };
  }
  throw new Error('The document has no such operation.');
}

function shown(name: string): string {
  if (shownNames.has(name)) return name;
  if (shownNames.size >= maxNames) return '_OTHER';
  // Part of the document that a client has sent.
  const kept = copyOf(name);
  shownNames.add(kept);
  return kept;
}
