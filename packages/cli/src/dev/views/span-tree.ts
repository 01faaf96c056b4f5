import type { Span } from '../model/telemetry.js';

/** A span at its place in the trace. */
export interface TreeSpan {
  readonly span: Span;
  readonly parent: TreeSpan | undefined;
  readonly depth: number;
  /** The span names a parent that has not arrived. */
  readonly isParentMissing: boolean;
  /** Since 1970; corrected by {@link shiftMillis}. */
  readonly startMillis: number;
  /** How far the span is moved because the clock of its service differs from its caller's. */
  readonly shiftMillis: number;
  readonly children: TreeSpan[];
}

/** Clocks on one machine differ by less than this, and so do the two ends of a call. */
const toleranceMillis = 2;

/**
 * The spans of a trace, each below its parent, in the order in which they began. A span whose parent has not arrived is
 * a root too, and so is one of a circle of spans that name each other as parents.
 */
export function spanTree(spans: Iterable<Span>): TreeSpan[] {
  const all = [...spans].sort((a, b) => a.startMillis - b.startMillis);
  const ids = new Set(all.map(({ spanId }) => spanId));
  const childrenOf = new Map<string, Span[]>();
  const roots: Span[] = [];
  for (const span of all) {
    const { parentSpanId } = span;
    if (parentSpanId === undefined || !ids.has(parentSpanId) || parentSpanId === span.spanId)
      roots.push(span);
    else {
      const siblings = childrenOf.get(parentSpanId);
      if (siblings) siblings.push(span);
      else childrenOf.set(parentSpanId, [span]);
    }
  }
  const ordered: TreeSpan[] = [];
  const placed = new Set<string>();
  const place = (root: Span) => {
    const waiting: TreeSpan[] = [treeSpan(root, undefined)];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      if (placed.has(next.span.spanId)) continue;
      placed.add(next.span.spanId);
      ordered.push(next);
      next.parent?.children.push(next);
      const below = (childrenOf.get(next.span.spanId) ?? []).map((child) => treeSpan(child, next));
      below.sort((a, b) => b.startMillis - a.startMillis);
      // One by one: a span may have more children than a call may have arguments.
      for (const child of below) waiting.push(child);
    }
  };
  for (const root of roots) place(root);
  // What is left names its parents in a circle.
  if (placed.size < all.length) for (const span of all) if (!placed.has(span.spanId)) place(span);
  return ordered;
}

function treeSpan(span: Span, parent: TreeSpan | undefined): TreeSpan {
  const shiftMillis = parent ? shiftBelow(span, parent) : 0;
  return {
    span,
    parent,
    depth: parent ? parent.depth + 1 : 0,
    isParentMissing: !parent && span.parentSpanId !== undefined,
    startMillis: span.startMillis + shiftMillis,
    shiftMillis,
    children: [],
  };
}

/** A child cannot begin before its parent, and a call that is answered cannot last longer than its caller waited. */
function shiftBelow(span: Span, parent: TreeSpan): number {
  const { span: caller } = parent;
  if (span.resource === caller.resource || span.resource.serviceName === caller.resource.serviceName) {
    return parent.shiftMillis;
  }
  const startsEarlierMillis = parent.startMillis - span.startMillis;
  const spareMillis = caller.durationMillis - span.durationMillis;
  const isCall = caller.kind === 'client' && span.kind === 'server' && spareMillis >= 0;
  const endsLaterMillis =
    span.startMillis + span.durationMillis - (parent.startMillis + caller.durationMillis);
  if (startsEarlierMillis <= toleranceMillis && !(isCall && endsLaterMillis > toleranceMillis)) return 0;
  return startsEarlierMillis + (isCall ? spareMillis / 2 : 0);
}
