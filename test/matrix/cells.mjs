/*
 * The arrangements in which a service may start observability, as data: every combination is one cell, which
 * is run as a real process by `run.mjs`.
 */

/** Where `initObservability` is called. */
export const inits = {
  'import flag': '`node --import @throughline/core/register`',
  first: 'the first statement, before any other import is used',
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

/** The checks that each cell must pass. */
export const promises = {
  route: 'the server span has its route',
  metric: 'the duration metric has the route',
  frameworks: 'requests to apps of Fastify 5, Koa 3 and Hono 4 in the same process have their routes',
  log: "the log line has the request's trace id",
  fetch: '`fetch` carries the trace',
  'http.request': '`http.request` carries the trace, even if the function was copied before init',
  pg: 'a pg query is exactly one span below the request',
  ioredis: 'an ioredis command is exactly one span below the request',
  kafkajs:
    'a kafkajs message is exactly one span below the request, and its processing is exactly one span below that',
  amqplib:
    'the same for a message of amqplib, which is processed by a consumer that was registered before init',
  bullmq: 'the same for a job of BullMQ, which is processed by a worker that was started before init',
  nats: 'the same for a message of NATS, which is processed by a subscription that was made before init',
  sqs: 'the same for a message of SQS, which is processed in `runWithMessage`',
  aws: 'a command of the AWS SDK 3 is one span, below that of its message',
  grpc: 'a call of `@grpc/grpc-js` is one span below the request, and the call that the server handles is one span below that',
  graphql: 'an operation that the function `graphql` executes is one span below the request',
};

/** Why a cell is not possible; undefined if it is. */
export function impossible({ system, init, node }) {
  if (system === 'type stripping' && !stripsTypes(node)) return 'Node has no type stripping';
  if (system === 'bundle inlined' && init === 'import flag') {
    return 'the bundle must pass its modules to the plugins in code';
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
