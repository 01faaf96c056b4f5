/*
 * The arrangements in which a service may start observability, as data: every combination is one cell, which
 * is run as a real process by `run.mjs`.
 */

/** Where `initObservability` stands. */
export const inits = {
  'import flag': 'node --import @throughline/core/register',
  first: 'first statement, before the imports of everything else are used',
  last: 'after the app is built and its server listens',
  async: 'some time after the server listens',
};

/** How the service's code is loaded. */
export const systems = {
  esm: { label: 'ES modules' },
  cjs: { label: 'CommonJS' },
  'bundle external': { label: 'esbuild, packages external' },
  'bundle inlined': { label: 'esbuild, packages inlined' },
  tsx: { label: 'TypeScript through tsx' },
  'type stripping': { label: "TypeScript through Node's own type stripping" },
};

export const expressMajors = [4, 5];

/** What each cell must show. */
export const promises = {
  route: 'server span with its route',
  metric: 'duration metric with the route',
  log: "log line with the request's trace id",
  fetch: 'fetch carries the trace',
  'http.request': 'http.request carries the trace, also when its function was taken before init',
  pg: 'pg query below the request, once',
  ioredis: 'ioredis command below the request, once',
  kafkajs: 'kafkajs message below the request, once, and its processing as the child of that, once',
};

/** Why a cell cannot be, or undefined. */
export function impossible({ system, init, node }) {
  if (system === 'type stripping' && !stripsTypes(node)) return 'Node has no type stripping';
  if (system === 'bundle inlined' && init === 'import flag') {
    return 'the bundle must hand its modules over in code';
  }
  return undefined;
}

/** On by default since 22.18 and 23.6. */
function stripsTypes(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > 23 || (major === 22 && minor >= 18) || (major === 23 && minor >= 6);
}

/**
 * @param {{ nodes: { version: string, path: string }[], onlyInits?: string[], onlySystems?: string[],
 *   onlyMajors?: number[] }} selection everything where nothing is chosen
 */
export function* cells({ nodes, onlyInits, onlySystems, onlyMajors }) {
  for (const node of nodes) {
    for (const system of onlySystems ?? Object.keys(systems)) {
      for (const init of onlyInits ?? Object.keys(inits)) {
        for (const express of onlyMajors ?? expressMajors)
          yield { node: node.version, nodePath: node.path, system, init, express };
      }
    }
  }
}
