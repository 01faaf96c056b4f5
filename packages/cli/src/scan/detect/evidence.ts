import type { CodeBase, CodeFile } from '../code/code-base.js';
import type { Node } from '../code/syntax.js';
import type { FindingKind } from './finding.js';

/** What a detector sees of one file. */
export interface CodePlace {
  readonly codeBase: CodeBase;
  readonly file: CodeFile;
  readonly extraHeaders: ReadonlySet<string>;
}

/** A finding before all files are read. */
export interface Evidence {
  readonly kind: FindingKind;
  /** Where to point. */
  readonly at: Node;
  /** What can be removed: a statement, a property or an argument; undefined if the line stays. */
  readonly removable?: Node | undefined;
  readonly header?: string | undefined;
  /** Words of {@link idName} that this place shows to be ids of traces. */
  readonly proves?: readonly (string | undefined)[];
  /** It counts only if this word is proven to be a trace id, here or in another file. */
  readonly needs?: string | undefined;
}
