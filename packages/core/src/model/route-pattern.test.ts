import fc from 'fast-check';
import { expect, test } from 'vitest';
import { routePattern } from './route-pattern.js';

test.each([
  [
    '/orders/:id',
    ['/orders/7', '/orders/7/', '/orders/%2F'],
    ['/orders', '/orders/', '/orders/7/items', '/Orders/7'],
  ],
  ['/orders/{id}/items', ['/orders/7/items'], ['/orders/items', '/orders/7/8/items']],
  ['GET /reports/*', ['/reports/', '/reports/a/b', '/reports/a\nb'], ['/reports', '/reportsx']],
  ['/a.b', ['/a.b'], ['/axb']],
  ['/', ['/', ''], ['/a']],
  ['*', ['/', '/anything/at/all'], []],
  ['/files/*path', ['/files/a/b'], ['/file']],
])('%s', (route, matching, others) => {
  const { path } = routePattern(route);
  for (const each of matching) expect(path.test(each), each).toBe(true);
  for (const each of others) expect(path.test(each), each).toBe(false);
});

test('the method stands before the path', () => {
  expect(routePattern('POST /orders').method).toBe('POST');
  expect(routePattern('/orders').method).toBeUndefined();
});

test.each(['', 'orders', 'get /orders', '/a/*/b', 'GET', ' /a', '/'.repeat(300)])(
  '%j is no route',
  (route) => {
    expect(() => routePattern(route)).toThrow(/takes routes such as/);
  },
);

test('every text is a route or is refused, and no path takes long', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (route, path) => {
      try {
        routePattern(`/${route}`).path.test(path.repeat(100));
      } catch (error) {
        expect((error as Error).message).toMatch(/takes routes such as/);
      }
    }),
  );
});
