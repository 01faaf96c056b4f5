import type { Bed } from './bed.js';
import type { Fault, FaultGroup } from './fault.js';

/**
 * Code of the service that Throughline calls. `options` and `act` are JavaScript; `fail()` in them does what the variant
 * says. `act` runs in a request handler, after which the request must be answered with 200.
 */
interface Callback {
  readonly name: string;
  readonly options?: string;
  readonly act?: string;
  /** Whether people write it as an async function; then its rejection must not end the process. */
  readonly canBeAsync?: boolean;
  /** What `act` must throw or return: the service's own error must reach it unchanged. */
  readonly passesOn?: boolean;
}

const plugin = (body: string) => `plugins: [{ name: 'bad', setup(context) { ${body} } }]`;

const callbacks: readonly Callback[] = [
  {
    name: 'traces.sampler: shouldSample',
    canBeAsync: true,
    options: "traces: { exporter: 'none', sampler: { shouldSample: fail, toString: () => 'bad' } }",
  },
  {
    name: 'traces.sampler: toString',
    options:
      "traces: { exporter: 'none', sampler: { shouldSample: () => ({ decision: 2 }), toString: fail } }",
  },
  {
    name: 'traces.exporter: export',
    canBeAsync: true,
    options:
      'traces: { exporter: { export: fail, shutdown: async () => {} }, batch: { scheduledDelayMillis: 0 } }',
  },
  {
    name: 'traces.exporter: shutdown',
    canBeAsync: true,
    options: 'traces: { exporter: { export: (spans, done) => done({ code: 0 }), shutdown: fail } }',
  },
  {
    name: 'traces.exporter: forceFlush',
    canBeAsync: true,
    options:
      'traces: { exporter: { export: (spans, done) => done({ code: 0 }), shutdown: async () => {}, forceFlush: fail } }',
  },
  {
    name: 'traces.exporter: calls back twice',
    canBeAsync: true,
    options:
      'traces: { exporter: { export: (spans, done) => { done({ code: 0 }); done({ code: 1 }); return fail(); }, shutdown: async () => {} }, batch: { scheduledDelayMillis: 0 } }',
  },
  {
    name: 'traces.propagators: extract',
    canBeAsync: true,
    options: "traces: { exporter: 'none', propagators: [{ inject() {}, extract: fail, fields: () => [] }] }",
  },
  {
    name: 'traces.propagators: inject',
    canBeAsync: true,
    options:
      "traces: { exporter: 'none', propagators: [{ inject: fail, extract: (context) => context, fields: () => [] }] }",
    act: "await (await fetch(base + '/inner')).text()",
  },
  {
    name: 'traces.propagators: fields',
    options:
      "traces: { exporter: 'none', propagators: [{ inject() {}, extract: (context) => context, fields: fail }] }",
    act: "await (await fetch(base + '/inner')).text()",
  },
  { name: 'http.trustIncomingTrace', canBeAsync: true, options: 'http: { trustIncomingTrace: fail }' },
  {
    name: 'http.ignoreIncomingPaths: a regular expression with a state',
    options: 'http: { ignoreIncomingPaths: [/inner/g] }',
  },
  { name: 'plugin: setup', canBeAsync: true, options: plugin('return fail();') },
  { name: 'plugin: teardown', canBeAsync: true, options: plugin('return fail;') },
  {
    name: 'plugin: route resolver',
    canBeAsync: true,
    options: plugin('globalThis.pluginHttp = context.http;'),
    act: 'globalThis.pluginHttp.setRouteResolver(request, fail)',
  },
  {
    name: 'plugin: patch of a module that is loaded',
    canBeAsync: true,
    options: plugin(
      "context.patchModule({ name: 'node:querystring', supportedVersions: ['*'], patch: fail });",
    ),
    act: "require('node:querystring').parse('a=1')",
  },
  {
    name: 'plugin: taking a patch back',
    canBeAsync: true,
    options: plugin(
      "context.patchModule({ name: 'node:querystring', supportedVersions: ['*'], patch: () => fail });",
    ),
    act: "require('node:querystring').parse('a=1')",
  },
  {
    name: 'plugin: an instrumentation that cannot be enabled',
    canBeAsync: true,
    options: plugin(
      "context.instrument({ instrumentationName: 'bad', instrumentationVersion: '1', enable: fail, disable: fail, setTracerProvider: fail, setMeterProvider: fail, setConfig() {}, getConfig: () => ({}) });",
    ),
  },
  {
    name: 'instrumentations: setTracerProvider',
    canBeAsync: true,
    options:
      "instrumentations: [{ instrumentationName: 'bad', instrumentationVersion: '1', enable() {}, disable() {}, setTracerProvider: fail, setMeterProvider() {}, setConfig() {}, getConfig: () => ({}) }]",
  },
  {
    name: 'instrumentations: enable and disable',
    canBeAsync: true,
    options:
      "instrumentations: [{ instrumentationName: 'bad', instrumentationVersion: '1', enable: fail, disable: fail, setTracerProvider() {}, setMeterProvider() {}, setConfig() {}, getConfig: () => ({}) }]",
  },
  {
    name: 'metrics.registries: a registry that cannot be read',
    canBeAsync: true,
    options:
      "metrics: { ...quietMetrics, registries: [Object.assign(new (require('prom-client').Registry)(), { getMetricsAsArray: fail, getMetricsAsJSON: fail, getSingleMetric: fail, metrics: fail })] }",
    act: 'await observability.metrics.render()',
  },
  {
    name: 'gauge: collect',
    canBeAsync: true,
    act: "core.gauge({ name: 'bad_' + n, help: 'Bad.', collect: fail }); await observability.metrics.render()",
  },
  {
    name: 'OpenTelemetry: observable gauge',
    canBeAsync: true,
    act: "api.metrics.getMeter('bad').createObservableGauge('bad.' + n).addCallback(fail); await observability.metrics.render()",
  },
  {
    name: 'health: a readiness check',
    canBeAsync: true,
    act: "observability.health.addReadinessCheck('bad' + n, fail); await ask('/readyz')",
  },
  {
    name: 'health: a liveness check',
    canBeAsync: true,
    act: "observability.health.addLivenessCheck('bad' + n, fail); await ask('/livez')",
  },
  {
    name: 'withSpan: the function',
    canBeAsync: true,
    act: "return core.withSpan('bad', fail)",
    passesOn: true,
  },
  {
    name: 'withSpan: an attribute that throws when it is read',
    act: "core.withSpan('bad', () => {}, { attributes: { get bad() { return fail(); } } })",
  },
  {
    name: 'startActiveSpan: the function',
    canBeAsync: true,
    act: "return api.trace.getTracer('bad').startActiveSpan('bad', (span) => { try { return fail(); } finally { span.end(); } })",
    passesOn: true,
  },
  {
    name: 'span: attributes that throw when they are read',
    act: "const span = api.trace.getTracer('bad').startSpan('bad'); span.setAttributes({ get bad() { return fail(); } }); span.setAttribute('bad', { toString: fail, toJSON: fail }); span.addEvent('bad', { get bad() { return fail(); } }); span.setStatus({ get code() { return fail(); } }); span.end()",
  },
  {
    name: 'span: an exception that throws when it is read',
    act: "const span = api.trace.getTracer('bad').startSpan('bad'); span.recordException({ get message() { return fail(); }, get name() { return fail(); }, get stack() { return fail(); } }); span.end()",
  },
  {
    name: 'span: a link whose context throws',
    act: "const span = api.trace.getTracer('bad').startSpan('bad', { links: [{ get context() { return fail(); } }] }); span.addLink({ get context() { return fail(); } }); span.end()",
  },
  {
    name: 'log line: a field that throws when it is read',
    act: "core.logger.info('bad', { get bad() { return fail(); } })",
  },
  { name: 'log line: toJSON', act: "core.logger.info('bad', { bad: { toJSON: fail } })" },
  { name: 'log line: %j with toJSON', act: "core.logger.info('bad %j', { toJSON: fail })" },
  {
    name: 'log line: %s with toString',
    act: "core.logger.info('bad %s', { toString: fail, [Symbol.toPrimitive]: fail })",
  },
  {
    name: 'log line: %o with a custom inspect',
    act: "core.logger.info('bad %o', { [require('node:util').inspect.custom]: fail })",
  },
  {
    name: 'log line: an error whose members throw',
    act: "core.logger.error('bad', { error: Object.defineProperties(Object.assign(new Error('x'), { stack: 'x' }), { message: { get: fail }, stack: { get: fail }, name: { get: fail }, cause: { get: fail } }) })",
  },
  {
    name: 'log line: a Proxy that throws at every touch',
    act: "core.logger.info('bad', { bad: new Proxy({}, new Proxy({}, { get: () => fail })) })",
  },
  {
    name: 'log line: a Map whose iterator throws',
    act: "core.logger.info('bad', { bad: Object.assign(new Map([[1, 2]]), { entries: fail, forEach: fail, [Symbol.iterator]: fail }) })",
  },
  {
    name: 'counter: labels that throw when they are read',
    act: "core.counter({ name: 'bad_' + n + '_total', help: 'Bad.', labelNames: ['bad'] }).inc({ get bad() { return fail(); } })",
  },
  {
    name: 'counter: a label whose toString throws',
    act: "core.counter({ name: 'bad_' + n + '_total', help: 'Bad.', labelNames: ['bad'] }).inc({ bad: { toString: fail } })",
  },
  {
    name: 'histogram: a value that throws when it is converted',
    act: "core.histogram({ name: 'bad_' + n, help: 'Bad.' }).observe({ valueOf: fail, [Symbol.toPrimitive]: fail })",
  },
  {
    name: "a listener of the response's 'finish'",
    act: "response.on('finish', () => { try { fail(); } catch {} })",
  },
  {
    name: 'a handler that is rejected with something odd',
    act: "await core.withSpan('bad', async () => { throw new Proxy({}, new Proxy({}, { get: () => fail })); }).catch(() => {})",
  },
];

/** How a callback fails. */
const variants = {
  'throws an error': "throw new Error('of the service');",
  'throws undefined': 'throw undefined;',
  'returns a promise that rejects': "return Promise.reject(new Error('of the service'));",
  'returns nothing useful': 'return 42;',
} as const;

const program = `
const http = require('node:http');
const core = require('@throughline/core');
const api = require('@opentelemetry/api');
const quietMetrics = { endpoint: false, runtime: false, cluster: false };
const unhandled = [];
process.on('unhandledRejection', (reason) => unhandled.push('unhandled rejection: ' + (reason && reason.stack)));
process.on('uncaughtException', (error) => unhandled.push('uncaught exception: ' + (error && error.stack)));
let n = 0;
async function run({ options, act, passesOn }, fail) {
  n++;
  unhandled.length = 0;
  const problems = [];
  let observability;
  try {
    observability = core.initObservability({
      serviceName: 'callbacks', metrics: quietMetrics, shutdown: { timeoutMillis: 1_000 },
      ...options(fail),
    });
  } catch (error) { return 'initObservability threw ' + (error && error.stack); }
  await observability.ready;
  let base;
  const ask = async (path) => {};
  const server = http.createServer(async (request, response) => {
    if (request.url === '/inner') return response.end('inner');
    let what = 'returned';
    try { await act({ request, response, observability, base, ask, fail, n }); }
    catch (error) { what = 'threw ' + (error && error.message); if (!passesOn) problems.push('the handler got an error: ' + (error && error.stack)); }
    response.end(what);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = 'http://127.0.0.1:' + server.address().port;
  const answer = await new Promise((resolve) => {
    const request = http.get(base, { agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk) => { body += chunk; }).on('end', () => resolve(response.statusCode + ' ' + body));
    });
    request.setTimeout(5_000, () => request.destroy(new Error('no answer')));
    request.on('error', (error) => resolve(String(error)));
  }).catch((error) => 'an error instead: ' + (error && error.stack));
  if (!answer.startsWith('200')) problems.push('answered ' + answer);
  if (passesOn) {
    let own = 'returned';
    try { await fail(); } catch (error) { own = 'threw ' + (error && error.message); }
    if (answer !== '200 ' + own) problems.push('the service got ' + answer + ' instead of ' + own);
  }
  server.close();
  server.closeAllConnections();
  try { await observability.flush({ timeoutMillis: 1_000 }); await observability.shutdown({ timeoutMillis: 1_000 }); }
  catch (error) { problems.push('shutdown rejected with ' + (error && error.stack)); }
  await new Promise((resolve) => setImmediate(resolve));
  return [...problems, ...unhandled.slice(0, 1)].map((problem) => problem.split('\\n').slice(0, 4).join('\\n')).join('\\n');
}
`;

function caseOf({ name, options = '', act = '', passesOn = false }: Callback): string {
  return `[${JSON.stringify(name)}, {
  options: (fail) => ({ ${options} }),
  act: async ({ request, response, observability, base, ask, fail, n }) => { ${act} },
  passesOn: ${passesOn} }]`;
}

/** All callbacks in one process per variant, one instance after the other. */
async function outcomesOf(bed: Bed, variant: keyof typeof variants): Promise<Map<string, string>> {
  const { said, stderr } = await bed.run(
    {
      body: `${program}
(async () => {
  for (const [name, one] of [${callbacks.map(caseOf).join(',\n')}]) {
    const problem = await run(one, () => { ${variants[variant]} }).catch((error) => 'broke: ' + (error && error.stack));
    console.log('RESULT ' + JSON.stringify([name, problem]));
  }
  process.exit(0);
})();`,
      env: { OTEL_TRACES_EXPORTER: 'none' },
    },
    { isObserved: false },
  );
  const results = new Map<string, string>();
  for (const line of said) {
    if (!line.startsWith('RESULT ')) continue;
    const [name, problem] = JSON.parse(line.slice(7)) as [string, string];
    results.set(name, problem);
  }
  for (const { name } of callbacks)
    if (!results.has(name)) results.set(name, `not reached; stderr: ${stderr}`);
  return results;
}

type Outcomes = Readonly<Record<string, Promise<Map<string, string>>>>;
const outcomes = new WeakMap<Bed, Outcomes>();

/** What came of each variant; all of them run once per bed, at a time. */
function started(bed: Bed): Outcomes {
  const known =
    outcomes.get(bed) ??
    Object.fromEntries(
      (Object.keys(variants) as (keyof typeof variants)[]).map((variant) => [
        variant,
        outcomesOf(bed, variant),
      ]),
    );
  outcomes.set(bed, known);
  return known;
}

function callbackFault({ name, canBeAsync = false }: Callback): Fault {
  return {
    name,
    isQuick: true,
    async create(bed) {
      const problems: string[] = [];
      for (const [variant, running] of Object.entries(started(bed))) {
        if (variant === 'returns a promise that rejects' && !canBeAsync) continue;
        const problem = (await running).get(name);
        if (problem) problems.push(`${variant}: ${problem}`);
      }
      return problems.length === 0 ? undefined : problems.join('\n');
    },
  };
}

export const callbackFaults: FaultGroup = {
  title: 'Code of the service that fails when Throughline calls it',
  promise: `The request is answered, nothing is thrown into the service, and shutdown succeeds. Each of these ${Object.keys(variants).join(', ')}. An error inside \`withSpan\` reaches the service unchanged.`,
  faults: callbacks.map(callbackFault),
};
