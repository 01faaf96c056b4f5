import type { MapEdge, MapNode } from '../../src/dev/model/api.js';

export interface PlacedNode extends MapNode {
  /** Of its top left corner. */
  readonly x: number;
  readonly y: number;
}

export interface PlacedEdge extends MapEdge {
  /** From the caller to what it calls. An arrow over several columns goes through gaps between nodes. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** Whether it leads back, to a column that is not right of its caller. */
  readonly isBack: boolean;
}

export interface MapLayout {
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
  readonly width: number;
  readonly height: number;
}

export const nodeSize = { width: 156, height: 56 } as const;
const gap = { x: 106, y: 40 } as const;
const margin = 24;
const rounds = 4;

/** A node, or the place where an arrow goes through a column. */
interface Slot {
  readonly id: string;
  readonly node: MapNode | undefined;
}

/**
 * Places callers left of what they call. Each node is in the column after its last caller; an arrow that would close a
 * circle does not count. An arrow over several columns has a slot in each of them, so that it crosses no node. Within a
 * column, a slot is near its neighbours.
 */
export function layoutMap(nodes: readonly MapNode[], edges: readonly MapEdge[]): MapLayout {
  const columnOf = columnNumbers(nodes, edges);
  const columns: Slot[][] = [];
  const slotIn = (column: number, slot: Slot) => {
    columns[column] ??= [];
    columns[column].push(slot);
  };
  for (const node of nodes) slotIn(columnOf.get(node.id) ?? 0, { id: node.id, node });
  const ways = edges.map((edge) => {
    const [from, to] = [columnOf.get(edge.from) ?? 0, columnOf.get(edge.to) ?? 0];
    const isBack = to <= from;
    const between = Array.from({ length: Math.max(0, to - from - 1) }, (_, index) => ({
      id: `${edge.from}\n${edge.to}\n${index}`,
      column: from + 1 + index,
    }));
    for (const { id, column } of between) slotIn(column, { id, node: undefined });
    return { edge, isBack, ids: [edge.from, ...between.map(({ id }) => id), edge.to] };
  });
  const filled = Array.from(columns, (column) => column ?? []);
  const rows = orderedRows(
    filled,
    ways.filter(({ isBack }) => !isBack).map(({ ids }) => ids),
  );
  const stepX = nodeSize.width + gap.x;
  const stepY = nodeSize.height + gap.y;
  const tallest = Math.max(1, ...filled.map(({ length }) => length));
  const height = margin * 2 + tallest * stepY - gap.y;
  const top = (id: string) => height / 2 + (rows.get(id) ?? 0) * stepY - nodeSize.height / 2;
  const left = (column: number) => margin + column * stepX;
  return {
    nodes: filled.flatMap((column, index) =>
      column.flatMap(({ id, node }) => (node ? [{ ...node, x: left(index), y: top(id) }] : [])),
    ),
    edges: ways.map(({ edge, isBack, ids }) => ({ ...edge, isBack, points: pointsOf(edge, isBack, ids) })),
    width: margin * 2 + Math.max(1, filled.length) * stepX - gap.x,
    height,
  };

  function pointsOf({ from, to }: MapEdge, isBack: boolean, ids: readonly string[]) {
    const [fromX, toX] = [left(columnOf.get(from) ?? 0), left(columnOf.get(to) ?? 0)];
    const { width, height: tall } = nodeSize;
    if (isBack) {
      return [
        { x: fromX + width / 2, y: top(from) + tall },
        { x: toX + width / 2, y: top(to) + tall },
      ];
    }
    const between = ids.slice(1, -1).flatMap((id, index) => {
      const x = fromX + stepX * (index + 1);
      const y = top(id) + tall / 2;
      return [
        { x, y },
        { x: x + width, y },
      ];
    });
    return [{ x: fromX + width, y: top(from) + tall / 2 }, ...between, { x: toX, y: top(to) + tall / 2 }];
  }
}

/** The rows of all slots, around 0. A few rounds from left to right and back place each near its neighbours. */
function orderedRows(columns: readonly Slot[][], ways: readonly (readonly string[])[]): Map<string, number> {
  const before = new Map<string, string[]>();
  const after = new Map<string, string[]>();
  for (const way of ways) {
    for (let index = 1; index < way.length; index++) {
      const [from, to] = [way[index - 1] as string, way[index] as string];
      before.set(to, [...(before.get(to) ?? []), from]);
      after.set(from, [...(after.get(from) ?? []), to]);
    }
  }
  const rows = new Map<string, number>();
  const place = (column: Slot[]) =>
    column.forEach(({ id }, index) => {
      rows.set(id, index - (column.length - 1) / 2);
    });
  for (const column of columns) {
    column.sort((a, b) => (a.id < b.id ? -1 : 1));
    place(column);
  }
  for (let round = 0; round < rounds; round++) {
    const isForward = round % 2 === 0;
    for (const column of isForward ? columns : [...columns].reverse()) {
      const wanted = new Map(
        column.map(({ id }) => {
          const near = ((isForward ? before : after).get(id) ?? []).map((other) => rows.get(other) ?? 0);
          const mean = near.reduce((sum, row) => sum + row, 0) / near.length;
          return [id, near.length === 0 ? (rows.get(id) ?? 0) : mean];
        }),
      );
      column.sort((a, b) => (wanted.get(a.id) ?? 0) - (wanted.get(b.id) ?? 0));
      place(column);
    }
  }
  return rows;
}

function columnNumbers(nodes: readonly MapNode[], edges: readonly MapEdge[]): Map<string, number> {
  const column = new Map<string, number>(nodes.map(({ id }) => [id, 0]));
  const forward = withoutCircles(nodes, edges);
  // Without circles, this ends after as many rounds as there are nodes.
  for (let round = 0; round < nodes.length; round++) {
    let isMoved = false;
    for (const { from, to } of forward) {
      const after = (column.get(from) ?? 0) + 1;
      if ((column.get(to) ?? 0) >= after) continue;
      column.set(to, after);
      isMoved = true;
    }
    if (!isMoved) break;
  }
  return column;
}

/** The arrows without those that lead back to a node on the way to them. */
function withoutCircles(nodes: readonly MapNode[], edges: readonly MapEdge[]): MapEdge[] {
  const kept: MapEdge[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (id: string) => {
    state.set(id, 'open');
    for (const edge of edges) {
      if (edge.from !== id || edge.to === id || state.get(edge.to) === 'open') continue;
      kept.push(edge);
      if (!state.has(edge.to)) visit(edge.to);
    }
    state.set(id, 'done');
  };
  const called = new Set(edges.map(({ to }) => to));
  for (const { id } of nodes) if (!called.has(id) && !state.has(id)) visit(id);
  for (const { id } of nodes) if (!state.has(id)) visit(id);
  return kept;
}
