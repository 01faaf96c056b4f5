import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { writtenValue } from './header-format.js';
import { traceIdOf } from './trace-id.js';

const hashed = (value: string) => createHash('sha256').update(value).digest('hex').slice(0, 32);
const id = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('the trace id of an old value', () => {
  test.each([
    ['x-trace-id', id, id],
    ['x-trace-id', id.toUpperCase(), id],
    ['x-trace-id', '4BF92F35-77b3-4da6-a3ce-929d0e0e4736', id],
    ['x-request-id', 'order-7/retry 2', hashed('order-7/retry 2')],
    ['x-trace-id', 'a3ce929d0e0e4736', hashed('a3ce929d0e0e4736')],
    ['x-trace-id', `${id}0`, hashed(`${id}0`)],
    ['x-trace-id', '0'.repeat(32), undefined],
    ['x-trace-id', '00000000-0000-0000-0000-000000000000', undefined],
    ['x-b3-traceid', id, id],
    ['x-b3-traceid', 'A3CE929D0E0E4736', '0000000000000000a3ce929d0e0e4736'],
    ['x-b3-traceid', '0000000000000000', undefined],
    ['x-b3-traceid', 'zz', hashed('zz')],
    [
      'x-amzn-trace-id',
      'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
      '5759e988bd862e3fe1be46a994272793',
    ],
    [
      'x-amzn-trace-id',
      'Self=1-67891234-12456789abcdef012345678;Root=1-5759e988-bd862e3fe1be46a994272793',
      '5759e988bd862e3fe1be46a994272793',
    ],
    // What changes from hop to hop is no part of it.
    ['x-amzn-trace-id', 'Root=own-7;Parent=1', hashed('own-7')],
    ['x-cloud-trace-context', `${id}/67667974448284343;o=1`, id],
    ['x-cloud-trace-context', `${id.toUpperCase()};o=0`, id],
    ['x-cloud-trace-context', '/', hashed('/')],
    ['sentry-trace', `${id}-00f067aa0ba902b7-1`, id],
    ['sentry-trace', id, id],
    ['x-datadog-trace-id', '11803532876627986230', '0000000000000000a3ce929d0e0e4736'],
    ['x-datadog-trace-id', '18446744073709551615', '0000000000000000ffffffffffffffff'],
    ['x-datadog-trace-id', '18446744073709551616', hashed('18446744073709551616')],
    ['x-datadog-trace-id', '0', undefined],
    ['x-datadog-trace-id', '-1', hashed('-1')],
  ])('%s: %s', (name, value, expected) => {
    expect(traceIdOf(name, value)).toBe(expected);
  });

  test("Datadog's upper half comes from its tags", () => {
    const read = (name: string) =>
      name === 'x-datadog-tags' ? '_dd.p.dm=-1,_dd.p.tid=4bf92f3577b34da6' : undefined;
    expect(traceIdOf('x-datadog-trace-id', '11803532876627986230', read)).toBe(id);
  });

  test.each(['x-trace-id', 'x-b3-traceid', 'x-amzn-trace-id', 'x-cloud-trace-context', 'sentry-trace'])(
    'what is written under %s is read as the same trace',
    (name) => {
      const written = writtenValue(name, { traceId: id, spanId: '00f067aa0ba902b7', traceFlags: 1 });
      expect(traceIdOf(name, written)).toBe(id);
    },
  );

  test('Datadog gets the lower half', () => {
    const written = writtenValue('x-datadog-trace-id', {
      traceId: id,
      spanId: '00f067aa0ba902b7',
      traceFlags: 0,
    });
    expect(written).toBe('11803532876627986230');
  });
});
