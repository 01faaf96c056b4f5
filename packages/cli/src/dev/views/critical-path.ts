import type { TreeSpan } from './span-tree.js';

/** A part of a span during which the end of the whole waited for it. Milliseconds since 1970. */
export interface CriticalPart {
  readonly tree: TreeSpan;
  readonly startMillis: number;
  readonly endMillis: number;
}

/** Ends that differ by less count as the same moment. */
const toleranceMillis = 0.05;

/**
 * What a span waited for: from its end backwards, always the child that ended last, and the span itself between
 * children. A child that goes on after its parent's end did not delay it, except for a call: the caller waited for the
 * server, whose span may end a little later, when the response is written out.
 */
export function criticalPath(root: TreeSpan): CriticalPart[] {
  const parts: CriticalPart[] = [];
  const waiting = [{ tree: root, endMillis: endOf(root) }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { tree } = next;
    let untilMillis = next.endMillis;
    const byEnd = [...tree.children].sort((a, b) => endOf(b) - endOf(a));
    for (const child of byEnd) {
      const end = endOf(child);
      if (child.startMillis >= untilMillis) continue;
      if (end > untilMillis + toleranceMillis && !isCall(tree, child)) continue;
      const childEnd = Math.min(end, untilMillis);
      if (childEnd < untilMillis) parts.push({ tree, startMillis: childEnd, endMillis: untilMillis });
      waiting.push({ tree: child, endMillis: childEnd });
      untilMillis = child.startMillis;
    }
    if (untilMillis > tree.startMillis) {
      parts.push({ tree, startMillis: tree.startMillis, endMillis: untilMillis });
    }
  }
  return parts;
}

const isCall = (parent: TreeSpan, child: TreeSpan): boolean =>
  parent.span.kind === 'client' && child.span.kind === 'server';

const endOf = ({ startMillis, span }: TreeSpan): number => startMillis + span.durationMillis;
