import {
  type Baggage,
  baggageEntryMetadataFromString,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
} from '@opentelemetry/api';
import { W3CBaggagePropagator } from '@opentelemetry/core';
import { describe, expect, test } from 'vitest';
import { createBaggagePropagator } from './baggage.js';

const propagator = createBaggagePropagator();

function read(header: unknown): Baggage | undefined {
  return propagation.getBaggage(propagator.extract(ROOT_CONTEXT, { baggage: header }, defaultTextMapGetter));
}

function written(baggage: Baggage): string | undefined {
  const carrier: Record<string, string> = {};
  propagator.inject(propagation.setBaggage(ROOT_CONTEXT, baggage), carrier, defaultTextMapSetter);
  return carrier.baggage;
}

function handedOn(header: unknown): string | undefined {
  const baggage = read(header);
  return baggage && written(baggage);
}

const members = (count: number, length: number) =>
  Array.from({ length: count }, (_, i) => `k${i}=`.padEnd(length, 'v')).join(',');

describe('limits: what the specification wants handed on is handed on as it is', () => {
  test.each([
    ['64 members of 8,192 bytes together', `${members(63, 127)},k63=`.padEnd(8_192, 'v')],
    ['one member of 8,192 bytes', 'k='.padEnd(8_192, 'v')],
    ['one of 5,000 bytes among small ones', `a=1,${'k='.padEnd(5_000, 'v')},b=2`],
    ['180 members', members(180, 20)],
  ])('%s', (_what, header) => {
    expect(handedOn(header)).toBe(header);
  });

  test.each([
    ['8,193 bytes in one member', 'k='.padEnd(8_193, 'v'), undefined],
    ['a member beyond 8,192 bytes', `${'k='.padEnd(8_188, 'v')},a=12`, 'k='.padEnd(8_188, 'v')],
    ['a member that is too long, before one that is not', `${'k='.padEnd(9_000, 'v')},a=1`, 'a=1'],
    ['181 members', `${members(180, 20)},z=1`, members(180, 20)],
    ['a million bytes', 'k='.padEnd(1_000_000, 'v'), undefined],
    ['a million commas', ','.repeat(1_000_000), undefined],
  ])('%s: what is within the limits stays', (_what, header, expected) => {
    expect(handedOn(header)).toBe(expected);
  });

  test('what the service adds beyond the limits is left out, not what was there before', () => {
    const full = `${members(63, 127)},k63=`.padEnd(8_192, 'v');
    const added = (read(full) as Baggage).setEntry('mine', { value: 'x' });
    expect(written(added)).toBe(full);
  });
});

test.each([
  ['two headers', ['a=1', 'b=2'], 'a=1,b=2'],
  ['properties', 'a=1;p=2;q,b=2', 'a=1;p=2;q,b=2'],
  ['white space', ' a = 1 ,\tb=2 ', 'a=1,b=2'],
  ['the same name twice', 'a=1,a=2', 'a=2'],
  ['encoded characters', 'a=%E2%9C%93%2C%3B', 'a=%E2%9C%93%2C%3B'],
  ['members that are none', 'a=%,b=1,=x,c,d=,,', 'b=1'],
  ['names of the prototype', '__proto__=1,constructor=2', '__proto__=1,constructor=2'],
  ['nothing', '', undefined],
  ['what is no text', [1, {}, null], undefined],
])('%s', (_what, header, expected) => {
  expect(handedOn(header)).toBe(expected);
  expect(({} as Record<string, unknown>).p).toBeUndefined();
});

describe('whatever the service puts in, the header is one that Node sends', () => {
  const legal = /^[\t\x20-\x7e]*$/;
  test.each([
    ['half of a surrogate pair', { a: { value: '\ud800' } }],
    [
      'line breaks',
      { 'a\r\nb': { value: '1\r\nx: y', metadata: baggageEntryMetadataFromString('p\r\nx: y') } },
    ],
    ['properties with a comma', { a: { value: '1', metadata: baggageEntryMetadataFromString('p,evil=1') } }],
    ['properties beyond ASCII', { a: { value: '1', metadata: baggageEntryMetadataFromString('é✓') } }],
    ['a number', { a: { value: 7 as never } }],
    ['a symbol', { a: { value: Symbol('s') as never } }],
    ['an object without a text', { a: { value: Object.create(null) } }],
    ['nothing', { a: { value: undefined as never } }],
  ])('%s', (_what, entries) => {
    const header = written(propagation.createBaggage({ ...entries, ok: { value: '1' } })) ?? '';
    expect(header).toMatch(legal);
    expect(read(header)?.getEntry('ok')?.value).toBe('1');
    expect(read(header)?.getEntry('evil')).toBeUndefined();
  });
});

test('within its limits, the stock propagator reads and writes the same', () => {
  const stock = new W3CBaggagePropagator();
  for (const header of ['a=1,b=2;p=1', 'a=%20x, b = y ;q', 'x=a=b', 'k%20=1', 'a="x"', members(100, 60)]) {
    const carrier: Record<string, string> = {};
    stock.inject(
      stock.extract(ROOT_CONTEXT, { baggage: header }, defaultTextMapGetter),
      carrier,
      defaultTextMapSetter,
    );
    expect(handedOn(header)).toBe(carrier.baggage);
  }
});
