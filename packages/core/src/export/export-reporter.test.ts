import { trace } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withSpan } from '../index.js';
import { captureObservability } from '../testing.js';
import { exportReporter } from './export-reporter.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start() {
  const lines: string[] = [];
  const reporter = exportReporter({
    what: 'spans',
    target: 'http://c/v1/traces',
    report: ({ code, message }) => lines.push(`${code} ${message}`),
  });
  return { reporter, lines };
}

const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:4318'), { code: 'ECONNREFUSED' });

test('an outage is one line when it begins and one when it is over, with the true number', () => {
  const { reporter, lines } = start();
  for (let batch = 0; batch < 19; batch++) {
    reporter.failed(512, 0, refused);
    vi.advanceTimersByTime(60_000);
  }
  expect(lines).toEqual([
    'OBS_EXPORT_FAILED Spans cannot be sent to http://c/v1/traces: connect ECONNREFUSED 127.0.0.1:4318. How many were lost is logged when it works again.',
  ]);
  reporter.exported(512, 0);
  vi.advanceTimersByTime(60_000);
  expect(lines.slice(1)).toEqual([
    'OBS_EXPORT_RECOVERED Sending to http://c/v1/traces works again. 9728 spans were lost: 9728 could not be sent, 0 were dropped.',
  ]);
  reporter.stop();
  expect(lines).toHaveLength(2);
});

test('a full queue is said without a number that is wrong a moment later, then with the true one', () => {
  const { reporter, lines } = start();
  for (let i = 0; i < 811_096; i++) reporter.dropped(1);
  reporter.failed(512, 0, refused);
  expect(lines.map((line) => line.split(' ', 1)[0])).toEqual(['OBS_EXPORT_DROPPED', 'OBS_EXPORT_FAILED']);
  expect(lines.join()).not.toMatch(/\d+ spans/);
  reporter.exported(1, 0);
  vi.advanceTimersByTime(60_000);
  expect(lines[2]).toContain('811608 spans were lost: 512 could not be sent, 811096 were dropped.');
});

test('at the end what was lost and not said is said in one line', () => {
  const { reporter, lines } = start();
  reporter.failed(512, 0, refused);
  reporter.failed(300, 0, refused);
  reporter.dropped(7);
  reporter.hurry();
  reporter.failed(5, 0, new Error('no answer before the end'));
  reporter.stop();
  expect(lines[2]).toBe(
    'OBS_EXPORT_FAILED 817 spans could not be sent to http://c/v1/traces: no answer before the end. 7 spans were dropped, because the queue to http://c/v1/traces was full.',
  );
  reporter.stop();
  expect(lines).toHaveLength(3);
});

test('an intake that rejects a part of each request is one trouble, which does not end by the other part', () => {
  const { reporter, lines } = start();
  for (let batch = 0; batch < 100; batch++) {
    reporter.exported(400, 0);
    reporter.failed(112, 0, new Error('the intake rejected them: too old'));
    vi.advanceTimersByTime(1_000);
  }
  expect(lines).toHaveLength(1);
  reporter.stop();
  expect(lines[1]).toMatch(/^OBS_EXPORT_FAILED 11200 spans could not be sent to .*: too old\.$/);
});

test('a backend that comes and goes does not fill the log', () => {
  const { reporter, lines } = start();
  for (let second = 0; second < 3_600; second += 20) {
    reporter.failed(1, 0, refused);
    vi.advanceTimersByTime(10_000);
    reporter.exported(1, 0);
    vi.advanceTimersByTime(10_000);
  }
  reporter.stop();
  expect(lines.length).toBeLessThan(10);
  const lost = lines.map((line) => Number(/(\d+) spans (were lost|could not)/.exec(line)?.[1] ?? 0));
  expect(lost.reduce((sum, count) => sum + count)).toBe(180);
});

test('what is said of an export carries no trace of the request in which it failed', async () => {
  vi.useRealTimers();
  const captured = captureObservability();
  try {
    const spans: unknown[] = [];
    const reporter = exportReporter({
      what: 'spans',
      target: 'http://c/v1/traces',
      report: () => spans.push(trace.getActiveSpan()),
    });
    withSpan('request', () => {
      reporter.failed(1, 0, undefined);
      reporter.dropped(1);
      expect(trace.getActiveSpan()).toBeDefined();
    });
    expect(spans).toEqual([undefined, undefined]);
    reporter.stop();
  } finally {
    await captured.stop();
  }
});
