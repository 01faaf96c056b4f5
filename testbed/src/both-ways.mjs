import { startIntake } from './otlp-intake.mjs';

/*
 * Spans as OTLP/JSON come from the SDK, spans as protobuf from Throughline's own recorder. The same program, run with
 * both, must send the same.
 */
const protocols = { recorder: 'http/protobuf', sdk: 'http/json' };

/** What differs between two runs whatever records them: ports of clients, numbers that a broker or a server gives. */
const varying = new Set([
  ...['client.port', 'network.peer.port', 'thread.id', 'messaging.message.id', 'messaging.client.id'],
  ...['messaging.kafka.offset', 'messaging.kafka.message.offset', 'exception.stacktrace'],
]);

/**
 * Runs `program` twice and returns what an intake got each time, as trees without ids and times. `capture` is
 * captureObservability of @throughline/core/testing, `options` what it is called with.
 *
 * @returns {Promise<{ recorder: object[], sdk: object[], spanCount: number }>} `spanCount` is that of one run
 */
export async function spansBothWays(capture, options, program) {
  const intake = await startIntake();
  const trees = {};
  let spanCount = 0;
  try {
    for (const [way, protocol] of Object.entries(protocols)) {
      const captured = capture({
        ...options,
        serviceName: way,
        // The intake is in this process, and is not a part of the program.
        http: { ignoreIncomingPaths: ['/v1/traces'], ...options.http },
        traces: { ...options.traces, exporter: 'otlp', protocol, endpoint: `${intake.url}/v1/traces` },
      });
      try {
        await program(captured);
        await captured.observability.flush();
      } finally {
        await captured.stop();
      }
      const spans = intake.spansOf(way);
      spanCount = spans.length;
      trees[way] = treesOf(spans);
    }
  } finally {
    await intake.stop();
  }
  return { ...trees, spanCount };
}

/** Requests to the app that `testHttpFramework` describes: with a route, with errors, without a route. */
const requestPaths = [
  '/orders/1',
  '/api/v1/shops/2/orders/3?token=s3cret',
  '/thrown/4',
  '/handled/5',
  '/denied/6',
  '/none',
];

/**
 * The same of a plugin for an HTTP framework, with what `testHttpFramework` needs of it.
 *
 * @returns {Promise<{ recorder: object[], sdk: object[], spanCount: number, requestCount: number }>}
 */
export async function requestsBothWays(capture, { plugin, serve }) {
  const ports = [];
  const options = { plugins: [plugin()], logs: { level: 'error' } };
  const { recorder, sdk, spanCount } = await spansBothWays(capture, options, async () => {
    const { origin, close } = await serve({
      order: async (id) => `order ${id}`,
      error: () => Object.assign(new Error('no such order'), { name: 'OrderError' }),
      second: Promise.resolve(),
    });
    ports.push(new URL(origin).port);
    try {
      for (const path of requestPaths) await (await fetch(origin + path)).text();
    } finally {
      await close();
    }
  });
  // Each run has a server of its own.
  const withoutPort = (trees, port) => JSON.parse(JSON.stringify(trees).replaceAll(port, '1'));
  return {
    recorder: withoutPort(recorder, ports[0]),
    sdk: withoutPort(sdk, ports[1]),
    spanCount,
    requestCount: requestPaths.length,
  };
}

function treesOf(spans) {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const childrenOf = (spanId) => spans.filter((span) => span.parentSpanId === spanId).map(tree);
  const tree = (span) => ({
    name: span.name,
    kind: span.kind,
    scope: span.scope,
    status: { code: span.status.code ?? 0, message: span.status.message ?? '' },
    // The recorder says in addition that trace ids are random.
    flags: (span.flags ?? 0) & ~2,
    traceState: span.traceState ?? '',
    attributes: shown(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount ?? 0,
    events: (span.events ?? []).map(({ name, attributes }) => ({
      name,
      attributes: shown(plain(attributes)),
    })),
    links: (span.links ?? []).map(({ attributes, traceState = '' }) => ({
      traceState,
      attributes: shown(plain(attributes)),
    })),
    hasParent: Boolean(span.parentSpanId),
    children: inOrder(childrenOf(span.spanId)),
  });
  return inOrder(spans.filter(({ parentSpanId }) => !ids.has(parentSpanId)).map(tree));
}

/** Spans that ran beside each other end in any order. */
function inOrder(trees) {
  return trees
    .map((each) => [JSON.stringify(each), each])
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, each]) => each);
}

function plain(attributes = []) {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

function shown(attributes) {
  return Object.fromEntries(
    Object.entries(attributes)
      .map(([name, value]) => [name, varying.has(name) ? '…' : numbers(value)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** A whole number of 64 bits may be a text in OTLP/JSON. */
function numbers(value) {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(numbers);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === 'intValue' ? Number(member) : numbers(member),
    ]),
  );
}
