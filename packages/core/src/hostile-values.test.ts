import { once } from 'node:events';
import { get } from 'node:http';
import { metrics } from '@opentelemetry/api';
import { Gauge, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { annotate, logger, observeJob, withSpan } from './index.js';
import { followCall, type PluginContext, runInOperation } from './plugin.js';
import { type CapturedObservability, captureObservability } from './testing.js';

/*
 * Services throw what they like. Whatever it is, it reaches the service as the same value, the process lives, and the
 * failure is recorded.
 */
const fail = () => {
  throw new Error('from a getter');
};
function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}
const throwing = Object.fromEntries(
  // The stack first: V8 makes it when it is replaced, from the others.
  ['stack', 'name', 'message', 'code', 'constructor', 'cause', 'toString', 'toJSON', 'then'].map((name) => [
    name,
    { get: fail, enumerable: true, configurable: true },
  ]),
);
const values = new Map<string, unknown>([
  ['an object whose getters throw', Object.defineProperties({}, throwing)],
  ['an Error whose getters throw', Object.defineProperties(new Error('x'), throwing)],
  ['a revoked Proxy', revoked({})],
  ['a revoked Proxy of an Error', revoked(new Error('x'))],
  ['an object without a prototype', Object.create(null)],
  ['a frozen Error', Object.freeze(new Error('frozen'))],
  [
    'an Error that is its own cause',
    Object.defineProperty(new Error('x'), 'cause', {
      get() {
        return this;
      },
    }),
  ],
  ['a symbol', Symbol('thrown')],
  ['a bigint', 7n],
  ['a function', revoked(() => {})],
  ['undefined', undefined],
  ['null', null],
]);
/** The test runner looks at what is in a table of cases, so that has the names alone. */
const names = [...values.keys()];

let captured: CapturedObservability;
let plugged: PluginContext;
const registry = new Registry();
beforeEach(async () => {
  registry.clear();
  captured = captureObservability({
    metrics: { endpoint: { port: 0 }, registries: [registry] },
    plugins: [
      {
        name: 'client',
        setup(context) {
          plugged = context;
        },
      },
    ],
  });
  await captured.observability.ready;
});
afterEach(() => captured.stop());

const wrappers: [string, (run: () => unknown) => unknown][] = [
  ['withSpan', (run) => withSpan('work', run)],
  ['a job', (run) => observeJob('nightly', run)()],
  ['a job with a callback', (run) => observeJob('nightly', run, { callback: true })()],
  ['withSpan below withSpan', (run) => withSpan('outer', () => withSpan('work', run))],
  [
    'a database operation',
    (run) => {
      return withSpan('request', () => {
        const operation = plugged.databases.start({ system: 'acme', name: 'GET' });
        return followCall(
          () => operation.run(run),
          () => operation.end(),
          (error) => operation.end({ error }),
        );
      });
    },
  ],
  [
    'the processing of a message',
    (run) => {
      const operation = plugged.messaging.startProcess({ system: 'acme', destination: 'orders' });
      return followCall(
        () => operation.run(run),
        () => operation.end(),
        (error) => operation.end({ error }),
      );
    },
  ],
];

test.each(names)(
  '%s that a handler throws ends its operation, even if the plugin cannot look at it',
  async (name) => {
    const value = values.get(name);
    const operation = plugged.messaging.startProcess({ system: 'acme', destination: 'orders' });
    let caught: unknown = 'nothing';
    try {
      runInOperation(
        operation,
        () => {
          throw value;
        },
        (error) => ({ error: (error as Error) instanceof Error ? (error as Error).cause : error }),
      );
    } catch (error) {
      caught = error;
    }
    expect(Object.is(caught, value)).toBe(true);
    await captured.observability.flush();
    expect(captured.spans.map((span) => span.name)).toEqual(['process orders']);
  },
);

describe.each(wrappers)('%s', (_wrapper, wrap) => {
  test.each(names)('%s that is thrown goes on as it is', async (name) => {
    const value = values.get(name);
    let caught: unknown = 'nothing';
    try {
      wrap(() => {
        throw value;
      });
    } catch (error) {
      caught = error;
    }
    expect(Object.is(caught, value)).toBe(true);

    caught = 'nothing';
    try {
      await wrap(() => Promise.reject(value));
    } catch (error) {
      caught = error;
    }
    expect(Object.is(caught, value)).toBe(true);
    await captured.observability.flush();
    expect(captured.spans.length).toBeGreaterThanOrEqual(2);
  });
});

test.each(names)('%s as a value of a log line, and in every place of it', (name) => {
  const value = values.get(name);
  const before = captured.logLines.length;
  logger.error(value);
  logger.error('line', value);
  logger.error('line', { error: value });
  logger.error('line', { nested: { list: [value] } });
  logger.error('line %s %j %d %o', value, value, value, value);
  logger.child({ bound: value as object }).error('line');
  expect(captured.logLines.length - before).toBe(6);
});

test.each(names)(
  '%s as an annotation, a route, a request and the error of a callback changes nothing',
  (name) => {
    const value = values.get(name);
    const { route } = captured.observability;
    withSpan('work', () => {
      annotate(value as object as never);
      annotate({ value: value as string });
      annotate({ value: [value as string] });
      route(value as never, '/orders');
      route({} as never, value as string);
    });
    const heard: unknown[] = [];
    const job = observeJob('nightly', (done: (error: unknown) => void) => done(value), { callback: true });
    job((error) => heard.push(error));
    expect(Object.is(heard[0], value)).toBe(true);
  },
);

test.each(names)('%s from a health check fails the check', async (name) => {
  const value = values.get(name);
  captured.observability.health.addReadinessCheck('database', () => Promise.reject(value));
  captured.observability.health.addReadinessCheck('queue', () => {
    throw value;
  });
  const line = captured.logLines.find((entry) => entry.message === 'Throughline is on.');
  const [response] = await once(get(`http://127.0.0.1:${line?.metrics_port}/readyz`), 'response');
  response.resume();
  expect(response.statusCode).toBe(503);
});

test.each(names)(
  '%s from a callback that gives the value of a metric costs that metric only',
  async (name) => {
    const value = values.get(name);
    new Gauge({
      name: 'failing',
      help: 'f',
      registers: [registry],
      collect() {
        throw value;
      },
    });
    new Gauge({ name: 'other', help: 'o', registers: [registry] }).set(1);
    metrics
      .getMeter('app')
      .createObservableGauge('failing.too')
      .addCallback(() => {
        throw value;
      });
    expect(await captured.metrics()).toMatch(/^other(\{[^}]*\})? 1$/m);
  },
);
