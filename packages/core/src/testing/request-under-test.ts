import assert from 'node:assert/strict';
import { context, createContextKey, trace } from '@opentelemetry/api';
import type { CapturedObservability } from './capture.js';

export type CapturedSpan = CapturedObservability['spans'][number];

export const spanId = (span: CapturedSpan) => span.spanContext().spanId;

/**
 * What work of the service recorded: its spans, as they ended. None may be below another.
 *
 * @param callsBelow names of spans that are below these, and that are left out
 */
export async function spansUnder(
  captured: CapturedObservability,
  work: () => unknown,
  callsBelow: readonly string[] = [],
): Promise<readonly CapturedSpan[]> {
  const request = trace.getTracer('test').startSpan('request');
  try {
    await context.with(trace.setSpan(context.active(), request), async () => work());
  } finally {
    request.end();
  }
  const { spanId: id, traceId } = request.spanContext();
  await captured.waitForSpan((span) => spanId(span) === id);
  const inTrace = captured.spans.filter(
    (span) => span.spanContext().traceId === traceId && spanId(span) !== id,
  );
  const ids = new Set(inTrace.map(spanId));
  const isCallBelow = ({ name, parentSpanContext }: CapturedSpan) =>
    callsBelow.includes(name) && ids.has(parentSpanContext?.spanId ?? '');
  const spans = inTrace.filter((span) => !isCallBelow(span));
  for (const span of spans)
    assert.equal(span.parentSpanContext?.spanId, id, `${span.name} is elsewhere in the trace`);
  return spans;
}

const callerKey = createContextKey('caller');

/** Fails unless a callback runs in the context of the call, with the same active span. */
export async function assertCallbackKeepsContext(
  call: (done: (error?: unknown) => void) => unknown,
  outcome: 'success' | 'failure',
): Promise<void> {
  const caller = {};
  const span = trace.getActiveSpan();
  assert.ok(span, 'the test itself has no span');
  await new Promise<void>((resolve, reject) => {
    context.with(context.active().setValue(callerKey, caller), () =>
      call((error) => {
        try {
          if (outcome === 'success') assert.ifError(error);
          else assert.ok(error, 'the operation did not fail');
          assert.equal(context.active().getValue(callerKey), caller, 'a callback runs in another context');
          assert.equal(trace.getActiveSpan(), span, "the active span of a callback is not the caller's");
          resolve();
        } catch (problem) {
          reject(problem);
        }
      }),
    );
  });
}

/** Everything that an application can see of an error, except for its stack. */
export async function errorFacts(fail: () => unknown): Promise<Readonly<Record<string, unknown>>> {
  try {
    await fail();
  } catch (error) {
    const { name, message, code, constructor: Class } = error as Error & { code?: unknown };
    return {
      name,
      message,
      code,
      class: Class.name,
      properties: Object.keys(error as object).toSorted(),
    };
  }
  return assert.fail('it did not fail');
}

/** The unhandled rejections that the process reports while `run` runs. */
export async function unhandledRejectionsOf(run: () => Promise<unknown>): Promise<readonly unknown[]> {
  const unhandled: unknown[] = [];
  const others = process.listeners('unhandledRejection');
  const collect = (error: unknown) => unhandled.push(error);
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', collect);
  try {
    await run();
    // Node reports them after the microtasks.
    await new Promise(setImmediate);
  } finally {
    process.removeListener('unhandledRejection', collect);
    for (const other of others) process.on('unhandledRejection', other);
  }
  return unhandled;
}

/** The lines of a metric that contain all of these label values. */
export async function seriesOf(
  captured: CapturedObservability,
  metric: string,
  ...labels: readonly string[]
): Promise<readonly string[]> {
  const text = await captured.metrics();
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`) && labels.every((label) => line.includes(label)));
}

/** The value of the one series of a metric with these labels; undefined if there is none. */
export async function seriesValue(
  captured: CapturedObservability,
  metric: string,
  ...labels: readonly string[]
): Promise<number | undefined> {
  const series = await seriesOf(captured, metric, ...labels);
  assert.ok(series.length < 2, `several series of ${metric} with ${labels.join()}:\n${series.join('\n')}`);
  const [, value] = /\} (\S+)/.exec(series[0] ?? '') ?? [];
  return value === undefined ? undefined : Number(value);
}

/** Fails unless a patch changed something when it was put on, and nothing is left of it. */
export function assertTakenBack(
  before: readonly unknown[],
  during: readonly unknown[],
  after: readonly unknown[],
): void {
  assert.ok(
    before.some((value, index) => value !== during[index]),
    'nothing was patched: `patched` has to return what the plugin replaces',
  );
  for (const [index, value] of before.entries()) {
    assert.equal(after[index], value, `entry ${index} of what \`patched\` returns is not as it was before`);
  }
}
