import { expect, test } from 'vitest';
import type { AttributePairs } from '../span/attribute-pairs.js';
import { AttributeRuns } from './attribute-runs.js';
import { KeyValues } from './key-values.js';
import { encoded, ProtobufWriter } from './protobuf-writer.js';

const tag = 74;

function plain(pairs: AttributePairs): string {
  const keyValues = new KeyValues();
  const bytes = encoded((writer) => {
    for (let i = 0; i < pairs.length; i += 2) keyValues.write(writer, tag, pairs[i] as string, pairs[i + 1]);
  });
  return Buffer.from(bytes).toString('hex');
}

test.each([
  ['a name', 0],
  ['all names beyond those that are remembered', 1_000],
])('whatever spans of %s have had before, the bytes of each are those of its own attributes', (_, others) => {
  const runs = new AttributeRuns(new KeyValues(), tag);
  const writer = new ProtobufWriter();
  for (let i = 0; i < others; i++) runs.write(writer, `other ${i}`, ['a', 1, 'b', 2, 'c', 3]);
  let seed = 1;
  const random = (count: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % count;
  };
  const values = ['GET', 'http', 8080, true, 'x'.repeat(600), ['a', 'b'], undefined, 1.5, 'é', ''];
  let changed = 0;
  for (let i = 0; i < 5_000; i++) {
    const pairs: AttributePairs = [];
    const length = 2 + random(7);
    // Mostly the same beginning, so that runs are made, used, missed and made anew.
    if (random(40) === 0) changed = random(values.length);
    for (let at = 0; at < length; at++) {
      pairs.push(`key ${at}`, values[at < 5 ? (at + changed) % values.length : random(values.length)]);
    }
    writer.reset(0);
    runs.write(writer, `name ${random(3)}`, pairs);
    const bytes = writer.bytes.subarray(0, writer.position).toString('hex');
    expect([pairs, bytes]).toEqual([pairs, plain(pairs)]);
  }
});
