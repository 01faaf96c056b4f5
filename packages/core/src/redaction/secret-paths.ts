/** A tree of the paths that the user named; `*` matches any one name or index. */
export interface PathNode {
  readonly next: ReadonlyMap<string, PathNode>;
  /** Whether the value here is to be taken out. */
  readonly isEnd: boolean;
}

/** `user.email`, `items[*].price`, `*.card`: names and `*` between dots or brackets. */
const pathForm = /^(?:[^.[\]]+|\[[^.[\]]+\])(?:\.[^.[\]]+|\[[^.[\]]+\])*$/;

/** @throws Error with a message that describes the syntax of a path */
export function pathSegments(path: string): string[] {
  if (!pathForm.test(path)) throw new Error(`takes paths such as 'user.email' or 'items[*].card'`);
  return path.replaceAll('[', '.').replaceAll(']', '').split('.').filter(Boolean);
}

/** Joins paths to one tree; undefined if there are no paths, so that nothing needs to be looked up. */
export function pathTree(paths: readonly string[]): PathNode | undefined {
  if (paths.length === 0) return undefined;
  const build = (rest: readonly (readonly string[])[]): PathNode => {
    const byName = new Map<string, string[][]>();
    for (const [name, ...tail] of rest) {
      if (name === undefined) continue;
      byName.set(name, [...(byName.get(name) ?? []), tail]);
    }
    return {
      next: new Map([...byName].map(([name, tails]) => [name, build(tails)])),
      isEnd: rest.some((segments) => segments.length === 0),
    };
  };
  return build(paths.map(pathSegments));
}

/** The node of the tree after one more step; undefined if no path leads there. */
export function stepInto(
  nodes: readonly PathNode[] | undefined,
  name: string,
): readonly PathNode[] | undefined {
  if (nodes === undefined) return undefined;
  let reached: PathNode[] | undefined;
  for (const node of nodes) {
    for (const key of [name, '*']) {
      const next = node.next.get(key);
      if (next) {
        reached ??= [];
        reached.push(next);
      }
    }
  }
  return reached;
}

export function endsHere(nodes: readonly PathNode[] | undefined): boolean {
  return nodes?.some((node) => node.isEnd) ?? false;
}
