import { expect, test } from 'vitest';
import { headersAsObject, outgoingHeaders, targetOfOptions, targetOfUrl } from './outgoing-headers.js';

test.each([
  ['orders', 'http://orders/', true],
  ['orders', 'http://ORDERS:8080/', true],
  ['orders', 'http://orders.example/', false],
  ['orders:8080', 'http://orders:8080/', true],
  ['orders:8080', 'http://orders/', false],
  ['orders:443', 'https://orders/', true],
  ['.example', 'http://a.b.example/', true],
  ['.example', 'http://example/', false],
  ['.example', 'http://anexample/', false],
  ['::1', 'http://[::1]:9000/', true],
  ['[::1]:9000', 'http://[::1]:9000/', true],
  [/^https:/, 'https://orders/x', true],
  [/secret/, 'https://orders/x?secret', false],
  [/\/v2\//y, 'https://orders/v2/x', false],
] as const)('%s and %s: %s', (entry, url, carried) => {
  const headers = outgoingHeaders([entry]);
  const parsed = new URL(url);
  expect(headers?.carriedTo(targetOfUrl(parsed))).toBe(carried);
  expect(
    headers?.carriedTo(
      targetOfOptions({
        protocol: parsed.protocol,
        hostname: parsed.hostname,
        port: parsed.port === '' ? null : parsed.port,
        path: parsed.pathname + parsed.search,
      }),
    ),
  ).toBe(carried);
});

test('without a list nothing is looked at', () => {
  expect(outgoingHeaders(undefined)).toBeUndefined();
});

test('a list of headers, flat or in pairs, keeps what comes twice and the first spelling', () => {
  const expected = { 'X-A': '1', 'X-B': ['2', '3'] };
  expect(headersAsObject(['X-A', 1, 'X-B', '2', 'x-b', '3'])).toEqual(expected);
  expect(
    headersAsObject([
      ['X-A', '1'],
      ['X-B', '2'],
      ['X-B', '3'],
    ]),
  ).toEqual(expected);
  expect(headersAsObject(['X-A', '1', 'X-B', ['2', '3']])).toEqual(expected);
  expect(headersAsObject(['X-A', '1', 'X-B'])).toBeUndefined();
});
