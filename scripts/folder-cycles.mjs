import { posix } from 'node:path';

/**
 * The cycles of folders in a graph of imports. A folder and the one that it lies in are two folders here: a subfolder
 * that imports from its parent, which imports from it, is a cycle.
 *
 * @param {Iterable<readonly [from: string, to: string]>} imports paths of files, with `/`
 * @returns {{ folders: readonly string[], imports: readonly string[] }[]} each cycle with the imports that close it,
 *   fewest first: those are the ones to look at
 */
export function folderCycles(imports) {
  /** @type {Map<string, Map<string, string[]>>} */
  const graph = new Map();
  for (const [from, to] of imports) {
    const [source, target] = [posix.dirname(from), posix.dirname(to)];
    if (source === target) continue;
    const targets = graph.get(source) ?? new Map();
    targets.set(target, [...(targets.get(target) ?? []), `${from} → ${to}`]);
    graph.set(source, targets);
  }
  return cyclesOf(graph).map((folders) => {
    const arrows = folders.flatMap((source) =>
      [...(graph.get(source) ?? [])].filter(([target]) => folders.includes(target)),
    );
    return {
      folders: folders.toSorted(),
      imports: arrows.toSorted(([, a], [, b]) => a.length - b.length).flatMap(([, lines]) => lines),
    };
  });
}

/** Strongly connected components with more than one node: Tarjan, "Depth-first search and linear graph algorithms". */
function cyclesOf(graph) {
  const cycles = [];
  const stack = [];
  const number = new Map();
  const lowest = new Map();
  const visit = (node) => {
    number.set(node, number.size);
    lowest.set(node, number.get(node));
    stack.push(node);
    for (const next of graph.get(node)?.keys() ?? []) {
      if (!number.has(next)) visit(next);
      if (stack.includes(next)) lowest.set(node, Math.min(lowest.get(node), lowest.get(next)));
    }
    if (lowest.get(node) !== number.get(node)) return;
    const component = stack.splice(stack.indexOf(node));
    if (component.length > 1) cycles.push(component);
  };
  for (const node of graph.keys()) if (!number.has(node)) visit(node);
  return cycles;
}
