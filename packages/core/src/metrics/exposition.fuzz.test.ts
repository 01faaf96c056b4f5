import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzzRuns, parseOpenMetrics } from '../../test/fuzz.js';
import { counter, gauge, histogram, withSpan } from '../index.js';
import { captureObservability } from '../testing.js';

/* Whatever a service writes into labels and help texts, the reference parser of OpenMetrics reads it back. */

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(
    '"',
    '\\',
    '\n',
    '\\n',
    '\r\n',
    '}',
    '{',
    ',',
    '# EOF\n',
    '\u2028',
    '\0',
    'a"} 1 # {x="y"} 1',
  ),
);
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(0, -0, 1e308, 5e-324),
);

interface Written {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly values: readonly number[];
  /** Of a histogram; undefined: the usual ones, which are positive. */
  readonly bounds: readonly number[] | undefined;
}

const written: fc.Arbitrary<Written> = fc.record({
  kind: fc.constantFrom('counter', 'gauge', 'histogram'),
  help: text.filter((help) => help.trim() !== ''),
  labels: fc.uniqueArray(text, { maxLength: 4, minLength: 1 }),
  values: fc.array(number, { minLength: 1, maxLength: 4 }),
  bounds: fc.constantFrom(undefined, [-10, -1, 0, 1], [0, 1]),
});

let count = 0;

test('labels, help texts, values and exemplars are read as they were written', async () => {
  const batchSize = 60;
  for (let run = 0; run < fuzzRuns(batchSize).numRuns; run += batchSize) await batch(batchSize);
});

async function batch(size: number): Promise<void> {
  const captured = captureObservability({});
  try {
    const expected: { name: string; label: string }[] = [];
    for (const metrics of fc.sample(fc.array(written, { minLength: 1, maxLength: 5 }), size)) {
      for (const { kind, help, labels: given, values, bounds } of metrics) {
        const name = `fuzz_${count++}${kind === 'counter' ? '_total' : ''}`;
        const declared = { name, help, labelNames: ['label'] as const };
        for (const label of given) {
          withSpan('work', () => {
            for (const value of values) {
              if (kind === 'counter') counter(declared).inc({ label }, Math.abs(value));
              else if (kind === 'gauge') gauge(declared).set({ label }, value);
              else
                histogram({ ...declared, ...(bounds ? { buckets: bounds } : {}) }).observe({ label }, value);
            }
          });
          // A sum that can go down is left out, and with it the count.
          expected.push({ name: kind === 'histogram' ? `${name}_bucket` : name, label });
        }
      }
    }
    // Once for all of them: metrics stay declared, so that each further scrape is longer.
    const [samples] = parseOpenMetrics([await captured.metrics()]) ?? [];
    if (typeof samples === 'string') throw new Error(samples);
    if (!samples) return;
    const read = new Set(samples.map(({ name, labels }) => `${name} ${labels.label ?? ''}`));
    for (const { name, label } of expected) {
      // A lone half of a character has no UTF-8.
      expect(read.has(`${name} ${Buffer.from(label)}`), `${name} ${JSON.stringify(label)}`).toBe(true);
    }
  } finally {
    await captured.stop();
  }
}
