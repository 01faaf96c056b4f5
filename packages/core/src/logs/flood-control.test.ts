import { afterEach, expect, test } from 'vitest';
import { logger, withSpan } from '../index.js';
import { type CapturedObservability, type CaptureOptions, captureObservability } from '../testing.js';
import { messageTemplate } from './flood-control.js';

let captured: CapturedObservability;
afterEach(() => captured?.stop());
const start = (flood: NonNullable<NonNullable<CaptureOptions['logs']>['flood']>) => {
  captured = captureObservability({ logs: { flood: { intervalSeconds: 3_600, ...flood } } });
};
const written = (start: string) =>
  captured.logLines.map((line) => line.message).filter((message) => message.startsWith(start));
const suppressed = async () =>
  Number(/result="suppressed"[^}]*\} (\d+)/.exec(await captured.metrics())?.[1] ?? 0);

test('a repeated message is written so often per interval, whatever its numbers and ids, and the rest is counted', async () => {
  start({ maxRepeats: 3 });
  for (let i = 0; i < 50; i++) {
    logger.info(`order ${i} of 3f2504e0-4f89-41d3-9a0c-0305e82c3301 placed`);
    logger.child({ a: 1 }).warn('order %d placed', i);
  }
  logger.info('another');
  expect(written('order')).toHaveLength(6);
  expect(written('another')).toHaveLength(1);
  expect(await suppressed()).toBe(94);
  await captured.stop();
  const said = captured.logLines.filter((line) => line.message.includes('flood control'));
  expect(said).toHaveLength(1);
  expect(said[0]).toMatchObject({
    level: 'warn',
    message: '94 log lines were dropped by flood control.',
    dropped: [
      { level: 'info', message: 'order # of # placed', count: 47 },
      { level: 'warn', message: 'order %d placed', count: 47 },
    ],
  });
});

test('what was dropped is said when the interval ends, and then counting starts anew', async () => {
  start({ maxRepeats: 1, intervalSeconds: 0.05 });
  logger.info('again');
  logger.info('again');
  await expect.poll(() => written('1 log lines')).toHaveLength(1);
  logger.info('again');
  expect(written('again')).toHaveLength(2);
});

test('a rate per level', () => {
  start({ maxLinesPerSecond: { debug: 5 } });
  for (let i = 0; i < 100; i++) {
    logger.debug(`debug ${i}`);
    logger.info(`info ${i}`);
  }
  expect(written('debug').length).toBeGreaterThanOrEqual(5);
  expect(written('debug').length).toBeLessThan(50);
  expect(written('info')).toHaveLength(100);
});

test.each([
  ['a line of level error', () => logger.error('failed')],
  [
    'a span with an error',
    () =>
      void expect(() =>
        withSpan('inner', () => {
          throw new Error('x');
        }),
      ).toThrow(),
  ],
])('lines of an error trace are all written, those before the error too: %s', async (_name, fail) => {
  start({ maxRepeats: 1 });
  withSpan('fine', () => [1, 2, 3].map(() => logger.info('step')));
  expect(written('step')).toHaveLength(1);
  const id = withSpan('bad', (span) => {
    for (let i = 0; i < 3; i++) logger.info('step');
    fail();
    for (let i = 0; i < 3; i++) logger.info('step');
    return span.spanContext().traceId;
  });
  const ofTrace = captured.logLines.filter((line) => line.trace_id === id && line.message === 'step');
  expect(ofTrace).toHaveLength(6);
  expect([...ofTrace].sort((a, b) => a.timestamp.localeCompare(b.timestamp))).toEqual(ofTrace);
  await captured.stop();
  expect(captured.logLines.find((line) => line.message.includes('flood'))?.message).toMatch(/^2 /);
});

test('without limits nothing stands in the way', () => {
  start({});
  for (let i = 0; i < 100; i++) logger.info('again');
  expect(written('again')).toHaveLength(100);
});

test('templates', () => {
  expect(messageTemplate('user 12 from 10.0.0.7 took 1.5 ms, id deadbeef01, feedback')).toBe(
    'user # from #.#.#.# took #.# ms, id #, feedback',
  );
});
