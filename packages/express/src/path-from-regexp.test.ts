import { describe, expect, test } from 'vitest';
import { expressCopies } from '../test/express-copies.js';
import type { DeclaredPath, Layer } from './express-internals.js';
import { declaredPathOfExpression } from './path-from-regexp.js';

describe.each(expressCopies.filter(({ major }) => major === 4))('a mount path of $name', ({ express }) => {
  function layerOf(path: DeclaredPath, caseSensitive = false): Layer {
    const router = express.Router({ caseSensitive });
    router.use(path as string, () => {});
    return router.stack[0] as unknown as Layer;
  }

  test.each([
    '/orders',
    '/orders/:id',
    '/Orders/:orderId/lines/:line',
    '/:tenant',
    '/:from-:to',
    '/v:version',
    '/v:major.:minor/api',
    '/a.b/:file.:ext',
    '/.well-known/:name',
    '/:id?',
    '/shop/:shop?/items',
    '/archive.:format?',
    '/:path*',
    '/files/*',
    '/files/*/of/:name',
    '*',
    '/users/:id(\\d+)',
    '/users/:id([0-9a-f]{8})/x',
    '/:kind(cats|dogs)/:name',
    '/ab?cd',
    '/ab+cd/:x',
    '/a(bc)?d/:x',
    '/x(y|z)/:w(\\w+)?',
    '/with-dash_and~tilde/:x',
  ])('%s comes back', (path) => {
    expect(declaredPathOfExpression(layerOf(path))).toBe(path);
    expect(declaredPathOfExpression(layerOf(path, true))).toBe(path);
  });

  test('without the slash at its end, which means nothing', () => {
    expect(declaredPathOfExpression(layerOf('/orders/:id/'))).toBe('/orders/:id');
  });

  test.each([[/^\/v\d+/], [/a|b/i], [/^\/x(?:y)(\/|$)/], [/(?:^a|^b)/]])('%s stays', (path) => {
    expect(declaredPathOfExpression(layerOf(path))).toBe(path);
  });

  test('a list comes back, each path with its own parameters', () => {
    const list = ['/a/:x', '/b/*', /^\/c(\d)/, '/d/:x(\\d+)/:y'];
    expect(declaredPathOfExpression(layerOf(list))).toEqual(
      list.map((p) => (p instanceof RegExp ? /^\/c(\d)/i : p)),
    );
  });

  test('what gives another expression when it is read back is not taken', () => {
    const layer = layerOf('/orders/:id');
    const keys = [{ name: 'other name' }];
    expect(declaredPathOfExpression(Object.assign(Object.create(layer), { keys }))).toBe(undefined);
  });
});
