import { posix } from 'node:path';

/** Imports that are shown for two folders of a cycle. */
const maxExamples = 3;

/**
 * The cycles of folders in a graph of imports. A folder and the folder that contains it count as two: a subfolder that
 * imports from its parent, which imports from it, is a cycle.
 *
 * Folders that all depend on each other contain many cycles. Only one of them is returned: the shortest one through the
 * pair of folders with the fewest imports, because these imports are the easiest to remove.
 *
 * @param {Iterable<readonly [from: string, to: string]>} imports paths of files, with `/`
 * @returns {{ folders: readonly string[], imports: readonly string[] }[]} for each cycle, its folders in the order of the
 *   imports, and examples of the imports
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
  return componentsOf(graph).map((component) => {
    const inside = new Set(component);
    const arrows = component.flatMap((source) =>
      [...(graph.get(source) ?? [])]
        .filter(([target]) => inside.has(target))
        .map(([target, lines]) => ({ source, target, lines })),
    );
    const fewest = Math.min(...arrows.map(({ lines }) => lines.length));
    const [folders] = arrows
      .filter(({ lines }) => lines.length === fewest)
      .map(({ source, target }) => [source, ...shortestPath(graph, inside, target, source).slice(0, -1)])
      .toSorted((a, b) => a.length - b.length);
    return {
      folders,
      imports: folders.flatMap((source, index) => {
        const target = folders[(index + 1) % folders.length];
        return graph.get(source).get(target).slice(0, maxExamples);
      }),
    };
  });
}

/** The folders from one to the other, both included. Inside a component there always is a path. */
function shortestPath(graph, inside, from, to) {
  const paths = [[from]];
  const seen = new Set([from]);
  for (const path of paths) {
    const last = path.at(-1);
    if (last === to) return path;
    for (const next of graph.get(last)?.keys() ?? []) {
      if (!inside.has(next) || seen.has(next)) continue;
      seen.add(next);
      paths.push([...path, next]);
    }
  }
  return [from];
}

/** Strongly connected components with more than one node: Tarjan, "Depth-first search and linear graph algorithms". */
function componentsOf(graph) {
  const components = [];
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
    if (component.length > 1) components.push(component);
  };
  for (const node of graph.keys()) if (!number.has(node)) visit(node);
  return components;
}
