import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logger } from '../index.js';
import type { LogDestination } from '../options/log-options.js';
import { resolveOptions } from '../options/resolve.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

let captured: CapturedObservability;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-logs-'));
});
afterEach(async () => {
  await captured.stop();
  rmSync(folder, { recursive: true, force: true });
});
const start = (destinations: LogDestination[]) => {
  captured = captureObservability({ serviceName: 'orders', logs: { destinations } });
};
const messages = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { message: string }).message)
    .filter((message) => !message.startsWith('Throughline'));
const counted = async (result: string) =>
  Number(
    new RegExp(`^throughline_log_records_total\\{[^}]*result="${result}"[^}]*\\} (\\d+)`, 'm').exec(
      await captured.metrics(),
    )?.[1],
  );

test('lines are JSON in the file, beside stdout or alone, and missing folders are made', async () => {
  const path = join(folder, 'a/b/orders-{pid}.log');
  start([{ file: path }]);
  logger.info('one', { order: 7, password: 'x' });
  logger.child({ a: 1 }).warn('two\nlines');
  await captured.observability.flush();
  const file = path.replace('{pid}', String(process.pid));
  expect(messages(file)).toEqual(['one', 'two\nlines']);
  expect(readFileSync(file, 'utf8')).toContain('"service_name":"orders","order":7,"password":"REDACTED"');
  expect(captured.logLines).toEqual([]);
  // With the line that says that Throughline is on, if it is there by now.
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean).length;
  expect(await counted('exported')).toBe(lines);
});

test.each(['SIGHUP', 'no signal'])('another program moves the file away: %s', async (how) => {
  const path = join(folder, 'orders.log');
  start([{ file: path }]);
  logger.info('before');
  await captured.observability.flush();
  renameSync(path, `${path}.1`);
  if (how === 'SIGHUP') process.emit('SIGHUP');
  let written = 0;
  await expect
    .poll(async () => {
      logger.info(`after ${++written}`);
      await captured.observability.flush();
      return readdirSync(folder).sort();
    })
    .toEqual(['orders.log', 'orders.log.1']);
  // Nothing is lost, and with the signal nothing goes to the old file any more.
  const all = [...messages(`${path}.1`), ...messages(path)];
  expect(all).toEqual(['before', ...Array.from({ length: written }, (_, i) => `after ${i + 1}`)]);
  if (how === 'SIGHUP') expect(messages(`${path}.1`)).toEqual(['before']);
});

test.skipIf(process.platform !== 'linux')(
  'a full disk costs lines, which are counted and said once, and nothing else',
  async () => {
    const path = join(folder, 'orders.log');
    // The system's own full disk.
    symlinkSync('/dev/full', path);
    start(['stdout', { file: path }]);
    for (let i = 0; i < 3; i++) {
      logger.info(`lost ${i}`);
      await captured.observability.flush();
    }
    expect(await counted('failed')).toBeGreaterThanOrEqual(3);
    const said = captured.logLines.filter((line) => line.code === 'OBS_LOG_FILE_FAILED');
    expect(said).toHaveLength(1);
    expect(said[0]?.message).toContain('ENOSPC');

    unlinkSync(path);
    process.emit('SIGHUP');
    logger.info('there is room again');
    await captured.observability.flush();
    expect(messages(path)).toEqual(['there is room again']);
  },
);

test('a file says itself how many lines are missing from it', async () => {
  const path = join(folder, 'orders.log');
  start(['stdout', { file: path }]);
  // More than may wait for the disk, in one turn of the event loop.
  const fields = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`f${i}`, 'x'.repeat(8_000)]));
  for (let i = 0; i < 200; i++) logger.info('large', fields);
  await captured.stop();
  const dropped = await counted('dropped');
  expect(dropped).toBeGreaterThan(50);
  // The warning that lines are being dropped found no room in the file either.
  const written = messages(path);
  expect(written.filter((message) => message === 'large')).toHaveLength(200 - dropped + 1);
  expect(written.at(-1)).toBe(`${dropped} log lines were dropped, because the queue to ${path} was full.`);
});

test('rotation by size keeps the newest files, whole lines in each', async () => {
  const path = join(folder, 'orders.log');
  start([{ file: path, maxSizeBytes: 2_048, maxFiles: 2 }]);
  for (let i = 0; i < 60; i++) {
    logger.info(`line ${i}`, { fill: 'x'.repeat(100) });
    await captured.observability.flush();
  }
  expect(readdirSync(folder).sort()).toEqual(['orders.log', 'orders.log.1', 'orders.log.2']);
  const kept = ['orders.log.2', 'orders.log.1', 'orders.log'].flatMap((name) => messages(join(folder, name)));
  expect(kept.length).toBeGreaterThan(10);
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => `line ${60 - kept.length + i}`));
});

test('a rotating file that cannot be opened is tried again with the next lines', async () => {
  const blocked = join(folder, 'blocked');
  writeFileSync(blocked, '');
  const path = join(blocked, 'orders.log');
  start(['stdout', { file: path, maxSizeBytes: 2_048 }]);
  logger.info('lost');
  await captured.observability.flush();
  expect(await counted('failed')).toBeGreaterThan(0);
  rmSync(blocked);
  await expect
    .poll(async () => {
      logger.info('written');
      await captured.observability.flush();
      return readdirSync(folder).includes('blocked') && messages(path).includes('written');
    })
    .toBe(true);
});

test('wrong files are refused', () => {
  start(['stdout']);
  for (const [wrong, words] of [
    [{ file: '' }, /file takes a string/],
    [{ file: 'x', maxSize: 1 }, /'maxSize'/],
    [{ file: 'x', maxSizeBytes: 1 }, /maxSizeBytes takes/],
    [{ file: 'x', rotateEvery: 'week' }, /rotateEvery takes one of 'hour', 'day'/],
    ['syslog', /'stdout', 'otlp'/],
  ] as const) {
    expect(() => resolveOptions({ logs: { destinations: [wrong as LogDestination] } })).toThrow(words);
  }
});
