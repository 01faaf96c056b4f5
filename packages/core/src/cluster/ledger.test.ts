import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { expect, test } from 'vitest';
import { Ledger, type LedgerEntry } from './ledger.js';
import { toSharedMetrics } from './shared-metric.js';

const file = join(temporaryFolder(), 'state');
const settings = { conflicting() {}, overflowed() {}, maxSeriesPerMetric: 100 };
const jobs = (value: number) =>
  Array.from(
    toSharedMetrics({ name: 'jobs_total', help: 'Jobs.', type: 'counter', values: [{ value }] }),
    (part) => JSON.stringify(part),
  );
const total = async (ledger: Ledger) => (await ledger.merged(ledger.copy()))[0]?.values[0]?.value;

function member(ledger: Ledger, id: string, value: number): LedgerEntry {
  const entry = ledger.add(id, 1, id);
  entry.lines = jobs(value);
  return entry;
}

test('the next leader knows all that the last one had', async () => {
  const first = new Ledger(settings);
  member(first, '1', 3);
  member(first, '2', 4).goneSinceMillis = 0;
  await first.settle(120_000);
  expect(first.hasKept('2')).toBe(true);
  expect(await total(first)).toBe(7);
  await first.save(file, first.copy());

  const next = new Ledger(settings);
  await next.load(file, 0);
  expect(await total(next)).toBe(7);
  // One that comes back counts once.
  const back = next.get('1');
  expect(back).toMatchObject({ worker: '1', isExpected: true });
  Object.assign(back as LedgerEntry, { lines: jobs(5), goneSinceMillis: undefined });
  expect(await total(next)).toBe(9);
  // One that was put with the others is not taken twice, by whichever leader.
  expect(next.hasKept('2')).toBe(true);
});

test('who does not come back is put with the others, and a crash loop does not fill the memory', async () => {
  const ledger = new Ledger(settings);
  for (let id = 1; id <= 500; id++) {
    member(ledger, String(id), 1).goneSinceMillis = 0;
    await ledger.settle(1);
  }
  expect([...ledger.all()].length).toBeLessThanOrEqual(100);
  expect(await total(ledger)).toBe(500);
  await ledger.settle(61_000);
  expect([...ledger.all()]).toEqual([]);
  expect(await total(ledger)).toBe(500);
});

test('a file that is not whole is refused, and none is none', async () => {
  const ledger = new Ledger(settings);
  member(ledger, '1', 3);
  await ledger.save(file, ledger.copy());
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, -6));
  await expect(new Ledger(settings).load(file)).rejects.toThrow('not whole');
  await new Ledger(settings).load(`${file}.none`);
});
