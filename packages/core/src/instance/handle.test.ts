import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { getObservability, logger, ObservabilityError } from '../index.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

/* A service in JavaScript passes what it likes: each call accepts it, ignores it, or throws an error with a fix. */

let captured: CapturedObservability;
beforeEach(() => {
  captured = captureObservability({});
});
afterEach(() => captured.stop());

const throwing = () => {
  throw new Error('trap');
};
const values: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['a number', 300],
  ['NaN', Number.NaN],
  ['a negative number', -1],
  ['a string', 'x'],
  ['an empty string', ''],
  ['a symbol', Symbol('s')],
  ['a bigint', 1n],
  ['a boolean', true],
  ['an array', []],
  ['a function', () => {}],
  ['an object without a prototype', Object.create(null)],
  ['an object with an unknown member', { forSecond: 5 }],
];
const hostile = new Proxy({}, { get: throwing, getPrototypeOf: throwing, ownKeys: throwing });

/** The calls with a value of any type in each place; types that the compiler would refuse. */
const calls = (value: never): Record<string, () => unknown> => {
  const { observability } = captured;
  const { health } = observability;
  return {
    'setLogLevel(x)': () => observability.setLogLevel(value),
    "setLogLevel('info', x)": () => observability.setLogLevel('info', value),
    "setLogLevel('info', { logger: x })": () => observability.setLogLevel('info', { logger: value }),
    "setLogLevel('info', { forSeconds: x })": () => observability.setLogLevel('info', { forSeconds: value }),
    'setSamplingRatio(x)': () => observability.setSamplingRatio(value),
    'setSamplingRatio(1, x)': () => observability.setSamplingRatio(1, value),
    'setSampling(x)': () => observability.setSampling(value),
    'setSampling({}, x)': () => observability.setSampling({}, value),
    'setPluginEnabled(x, true)': () => observability.setPluginEnabled(value, true),
    'annotate(x)': () => observability.annotate(value),
    'route(x)': () => observability.route(value, '/orders'),
    'observeJob(x)': () => observability.observeJob(value, () => {}),
    "observeJob('job', x)": () => observability.observeJob('job', value),
    "observeJob('job', f, x)": () => observability.observeJob('job', () => {}, value),
    'addReadinessCheck(x)': () => health.addReadinessCheck(value, () => true),
    "addReadinessCheck('x', x)": () => health.addReadinessCheck('x', value),
    "addLivenessCheck('x', f, x)": () => health.addLivenessCheck('x', () => true, value),
    "addLivenessCheck('x', f, { timeoutMillis: x })": () =>
      health.addLivenessCheck('x', () => true, { timeoutMillis: value }),
    'histogram({ labelNames: [x] })': () =>
      observability.metrics.histogram({ name: 'seconds', help: 'h', labelNames: [value] }),
    'counter(x)': () => observability.metrics.counter(value),
    'gauge({ name: x })': () => observability.metrics.gauge({ name: value, help: 'h' }),
    'getObservability().setLogLevel(x)': () => getObservability().setLogLevel(value),
  };
};

test.each(values)('%s in the place of an argument: no error but one with a code and a fix', (_, value) => {
  for (const [call, run] of Object.entries(calls(value as never))) {
    try {
      run();
    } catch (error) {
      expect(error, call).toBeInstanceOf(ObservabilityError);
      expect(error, call).toMatchObject({ code: expect.stringMatching(/^OBS_/), fix: expect.any(String) });
    }
  }
});

test.each([...values, ['a Proxy that throws', hostile] as const])(
  '%s: flush, shutdown, diagnose and render never reject',
  async (_, value) => {
    const { observability } = captured;
    await observability.flush(value as never);
    await observability.flush({ timeoutMillis: value as never });
    await observability.diagnose({ contact: false, timeoutMillis: value as never });
    expect((await observability.metrics.render(value as never)).contentType).toContain('text/plain');
    await observability.shutdown(value as never);
  },
);

test('diagnose without an argument that can be read', async () => {
  const { throughline } = await captured.observability.diagnose(hostile);
  expect(throughline.state).toBe('on');
});

describe('what would be ignored in silence', () => {
  const code = 'OBS_OPTION_INVALID';

  test('null is no option', () => {
    captured.observability.setLogLevel('debug', null as never);
    expect(logger.level).toBe('debug');
  });

  test.each([
    ['setLogLevel', () => captured.observability.setLogLevel('debug', 300 as never)],
    ['setLogLevel', () => captured.observability.setLogLevel('debug', { forSecond: 300 } as never)],
    ['setSamplingRatio', () => captured.observability.setSamplingRatio(1, 300 as never)],
    ['setSampling', () => captured.observability.setSampling(0.5 as never)],
  ])('%s does not take a time without its name for a change for ever', (_, call) => {
    const { level } = logger;
    expect(call).toThrow(expect.objectContaining({ code }));
    expect(logger.level).toBe(level);
  });

  test.each([
    ['a name', () => captured.observability.health.addReadinessCheck('', () => true)],
    ['a function', () => captured.observability.health.addReadinessCheck('x', Promise.resolve() as never)],
    [
      'a time',
      () => captured.observability.health.addReadinessCheck('x', () => true, { timeoutMillis: Number.NaN }),
    ],
  ])('a health check without %s is refused when it is added, not when it runs', (_, call) => {
    expect(call).toThrow(expect.objectContaining({ code: 'OBS_HEALTH_CHECK_INVALID' }));
  });
});
