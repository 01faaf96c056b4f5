import { SpanStatusCode, trace } from '@opentelemetry/api';
import ts from 'typescript';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { getObservability, logger, observedJob, observeJob, withSpan } from '../index.js';
import { processState } from '../instance/process-state.js';
import { type CapturedObservability, type CaptureOptions, captureObservability } from '../testing.js';

let captured: CapturedObservability;
const start = (options: CaptureOptions = {}) => {
  captured = captureObservability({ serviceName: 'orders', ...options });
};
afterEach(async () => {
  await captured?.stop();
  // Jobs outlive an instance; no test shall see those of another.
  processState().jobs = undefined;
});

const named = (name: string) => captured.waitForSpan((span) => span.name === name);
/** The value of one series, found by all of these labels. */
async function value(metric: string, labels: Readonly<Record<string, string>> = {}) {
  const line = (await captured.metrics())
    .split('\n')
    .find(
      (each) =>
        each.startsWith(`${metric}{`) &&
        Object.entries(labels).every(([name, text]) => each.includes(`${name}="${text}"`)),
    );
  return line === undefined ? undefined : Number(/\} (\S+)/.exec(line)?.[1]);
}

describe('a run is a trace', () => {
  test('with its lines, its duration and the time of its success', async () => {
    start();
    const before = Date.now() / 1000;
    const report = observeJob('nightly report', async (day: string) => {
      logger.info('working');
      return `report of ${day}`;
    });
    expectTypeOf(report).toEqualTypeOf<(day: string) => Promise<string>>();
    expect(await report('Monday')).toBe('report of Monday');
    const span = await named('nightly report');
    expect(span.parentSpanContext).toBeUndefined();
    expect(span.attributes).toMatchObject({ 'job.name': 'nightly report', 'job.outcome': 'success' });
    const line = captured.logLines.find(({ message }) => message === 'working');
    expect(line).toMatchObject({ trace_id: span.spanContext().traceId, job_name: 'nightly report' });
    const labels = { job_name: 'nightly report' };
    expect(await value('job_duration_seconds_count', { ...labels, job_outcome: 'success' })).toBe(1);
    expect(await captured.metrics()).toMatch(/job_duration_seconds_bucket\{.*# \{trace_id="/);
    expect(await value('job_last_success_timestamp_seconds', labels)).toBeGreaterThanOrEqual(before);
    expect(await value('job_active_runs', labels)).toBe(0);
  });

  test('of its own, linked to the span around it, or a child of that span', async () => {
    start();
    withSpan('request', () => {
      observeJob('apart', () => {})();
      observeJob('inside', () => {}, { root: false })();
    });
    const around = (await named('request')).spanContext();
    const apart = await named('apart');
    expect(apart.spanContext().traceId).not.toBe(around.traceId);
    expect(apart.links.map(({ context }) => context.spanId)).toEqual([around.spanId]);
    expect((await named('inside')).parentSpanContext?.spanId).toBe(around.spanId);
    expect((await named('inside')).links).toEqual([]);
  });

  test('and a failed one says why; the last success stays', async () => {
    start();
    const error = new RangeError('too far');
    let fails = false;
    const job = observeJob('import', async () => {
      if (fails) throw error;
    });
    await job();
    const success = await value('job_last_success_timestamp_seconds');
    fails = true;
    await expect(job()).rejects.toBe(error);
    const failed = await captured.waitForSpan(({ attributes }) => attributes['job.outcome'] === 'failure');
    expect(failed.status).toEqual({ code: SpanStatusCode.ERROR, message: 'too far' });
    expect(failed.attributes['error.type']).toBe('RangeError');
    const labels = { job_outcome: 'failure', error_type: 'RangeError' };
    expect(await value('job_duration_seconds_count', labels)).toBe(1);
    expect(await value('job_last_success_timestamp_seconds')).toBe(success);
  });
});

describe('the function behaves as it does without', () => {
  test('its arguments, this, results, errors, name and number of parameters', () => {
    start();
    function handle(this: unknown, ...args: unknown[]) {
      return [this, ...args];
    }
    const self = {};
    expect(Reflect.apply(observeJob('a', handle), self, [1, 'two'])).toEqual([self, 1, 'two']);
    // agenda and mocha tell from it whether the function takes a callback.
    const observed = observeJob('a', function twoParameters(_job: unknown, _done: unknown) {});
    expect([observed.name, observed.length]).toEqual(['twoParameters', 2]);
    for (const thrown of [undefined, null, 'text', Object.freeze({}), new Error('failed')]) {
      const job = observeJob('a', () => {
        throw thrown;
      });
      let caught: unknown = 'nothing';
      try {
        job();
      } catch (error) {
        caught = error;
      }
      expect(caught).toBe(thrown);
    }
  });

  test('with a callback as last argument, the run ends when it is called', async () => {
    start();
    let finish: (error?: Error) => void = () => {};
    const job = observeJob(
      'callback',
      (_job: object, done: (error?: Error) => void) => {
        finish = done;
      },
      { callback: true },
    );
    const done = vi.fn();
    job({}, done);
    expect(await value('job_active_runs', { job_name: 'callback' })).toBe(1);
    const error = new Error('late');
    finish(error);
    finish();
    expect(done.mock.calls).toEqual([[error], []]);
    expect((await named('callback')).attributes['job.outcome']).toBe('failure');
    expect(await value('job_duration_seconds_count', { job_outcome: 'failure' })).toBe(1);
    expect(await value('job_duration_seconds_count', { job_outcome: 'success' })).toBeUndefined();
  });

  test('as a method, with both kinds of decorators', async () => {
    start();
    const source = `class Reports {
      title = 'daily';
      @observedJob('decorated')
      async send(day) { return this.title + ' ' + day; }
    }`;
    for (const experimentalDecorators of [true, false]) {
      const compilerOptions = { experimentalDecorators, target: ts.ScriptTarget.ES2022 };
      const { outputText } = ts.transpileModule(`function make() { ${source} return Reports; }`, {
        compilerOptions,
      });
      const Reports = new Function('observedJob', `${outputText}; return make();`)(observedJob);
      expect(await new Reports().send('Monday')).toBe('daily Monday');
    }
    await named('decorated');
    expect(await value('job_duration_seconds_count', { job_name: 'decorated' })).toBe(2);
    expect(() => observedJob('a')(class {}, 'field', undefined as never)).toThrow('which is not a method');
  });
});

test('runs that overlap are counted', async () => {
  start();
  const finish: (() => void)[] = [];
  const job = observeJob('slow', () => new Promise<void>((resolve) => finish.push(resolve)));
  const runs = [job(), job(), job()];
  expect(await value('job_active_runs', { job_name: 'slow' })).toBe(3);
  expect(await value('job_overlapping_runs_total', { job_name: 'slow' })).toBe(2);
  for (const end of finish) end();
  await Promise.all(runs);
  expect(await value('job_active_runs', { job_name: 'slow' })).toBe(0);
});

test('a job is served before its first run, with the interval that its alert compares', async () => {
  start();
  expect(await captured.metrics()).not.toContain('job_');
  observeJob('nightly', () => {}, { expectedIntervalSeconds: 86_400 });
  expect(await value('job_expected_interval_seconds', { job_name: 'nightly' })).toBe(86_400);
  expect(await value('job_observed_since_timestamp_seconds')).toBeGreaterThan(1e9);
  expect(await value('job_last_success_timestamp_seconds')).toBeUndefined();
});

test('before initObservability, after shutdown and switched off it only calls the function', async () => {
  const job = observeJob('early', (n: number) => n + 1);
  expect(job(1)).toBe(2);
  expect(getObservability().observeJob('early', (n: number) => n + 1)(1)).toBe(2);
  start();
  expect(job(2)).toBe(3);
  await named('early');
  await captured.stop();
  expect(job(3)).toBe(4);
  start({ enabled: false });
  expect(job(4)).toBe(5);
});

test('wrong arguments are refused at once, with what to do', () => {
  const fn = () => {};
  const wrong: [unknown, unknown, unknown, string][] = [
    [undefined, fn, undefined, 'the name is undefined, not a text'],
    ['', fn, undefined, "the name '' is empty"],
    [' import', fn, undefined, 'begins or ends with a space'],
    ['a\nb', fn, undefined, 'control character'],
    ['x'.repeat(129), fn, undefined, 'the name has 129 characters'],
    ['import', undefined, undefined, 'the second argument is undefined, not a function'],
    ['import', Promise.resolve(), undefined, 'pass the function itself'],
    ['import', fn, { expectedIntervalSecond: 5 }, "did you mean 'expectedIntervalSeconds'?"],
    ['import', fn, { expectedIntervalSeconds: 0 }, 'a number of seconds above 0'],
    ['import', fn, { expectedIntervalSeconds: '5' }, 'a number of seconds above 0'],
    ['import', fn, { callback: 1 }, 'callback takes true or false'],
    ['import', fn, 'daily', 'the third argument takes an object'],
  ];
  for (const [name, given, options, message] of wrong) {
    const call = () => observeJob(name as string, given as () => void, options as object);
    expect(call).toThrow(message);
    expect(call).toThrow(expect.objectContaining({ code: 'OBS_JOB_INVALID', fix: expect.any(String) }));
  }
});

test('names without end become one series, with one warning, whenever they come', async () => {
  for (let id = 0; id < 150; id++) observeJob(`job ${id}`, () => {});
  start();
  for (let id = 150; id < 1_000; id++) observeJob(`job ${id}`, () => trace.getActiveSpan())();
  const metrics = await captured.metrics();
  const names = new Set(metrics.match(/job_name="[^"]+"/g));
  expect(names.size).toBe(201);
  expect(await value('job_duration_seconds_count', { job_name: '_OTHER' })).toBe(800);
  expect((await named('_OTHER')).attributes['job.name']).toBe('job 200');
  expect(captured.logLines.filter(({ code }) => code === 'OBS_JOB_NAMES_MANY')).toHaveLength(1);
});
