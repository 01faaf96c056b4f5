import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import type { Layer } from './express-internals.js';
import { probeTemplates } from './path-from-matcher.js';

type CreateRouter = () => { use(path: unknown, handler: () => void): void; readonly stack: Layer[] };
const require = createRequire(import.meta.url);

describe.each([['router-oldest'], ['router-before-raw-path']])('a mount path of %s', (name) => {
  const createRouter: CreateRouter = require(name);

  function templateOf(declared: unknown): (mountPath: string) => string {
    const router = createRouter();
    router.use(declared, () => {});
    return probeTemplates(router.stack[0]?.matchers ?? []);
  }

  test.each([
    ['/orders', '/orders', '/orders'],
    ['/orders/:id', '/orders/7', '/orders/:id'],
    ['/orders/:id', '/orders/orders', '/orders/:id'],
    ['/:tenant', '/acme', '/:tenant'],
    ['/:a/:b/:c', '/x/x/x', '/:a/:b/:c'],
    ['/:from-:to', '/a-a', '/:from-:to'],
    ['/v:version', '/v1', '/v:version'],
    ['/v:version', '/vv', '/v:version'],
    ['/v:major.:minor/api', '/v1.1/api', '/v:major.:minor/api'],
    ['/:file.:ext', '/q.z', '/:file.:ext'],
    ['/files/*path', '/files/a/b/c', '/files/*path'],
    ['/files/*path/of/:name', '/files/a/b/of/b', '/files/*path/of/:name'],
    ['/a*rest', '/ab/c', '/a*rest'],
    ['/:euro', '/%E2%82%AC', '/:euro'],
    ['/:lower', '/%e2%82%ac%2f', '/:lower'],
    ['/x-:euro', '/x-%E2%82%AC', '/x-:euro'],
    ['/pages{/:page}', '/pages', '/pages'],
    ['/pages{/:page}', '/pages/2', '/pages/:page'],
    ['/:a/:a2', '/qzaqz/qzaqz', '/:a/:a2'],
  ])('%s, asked for as %s, is %s', (declared, mountPath, template) => {
    expect(templateOf(declared)(mountPath)).toBe(template);
  });

  test('each optional part has its own template', () => {
    const template = templateOf('/pages{/:page}{/of/:book}');
    for (let i = 0; i < 100; i++) {
      expect(template('/pages')).toBe('/pages');
      expect(template(`/pages/${i}`)).toBe('/pages/:page');
      expect(template(`/pages/${i}/of/${i}`)).toBe('/pages/:page/of/:book');
    }
  });

  test('upper and lower case are the same path', () => {
    const template = templateOf('/Orders/:id');
    expect(template('/Orders/a')).toBe('/Orders/:id');
    expect(template('/ORDERS/B')).toBe('/Orders/:id');
  });

  test('of several paths, the one that matched', () => {
    const template = templateOf(['/cats/:name', '/dogs/:name/:age', /^\/birds/]);
    expect(template('/dogs/rex/7')).toBe('/dogs/:name/:age');
    expect(template('/cats/tom')).toBe('/cats/:name');
    expect(template('/birds')).toBe('/*');
  });

  test('a regular expression gives no values', () => {
    const template = templateOf(/^\/v(?<version>\d+)/);
    const values = Array.from({ length: 100 }, (_, i) => template(`/v${i}`));
    expect(new Set(values)).toEqual(new Set(['/*']));
  });

  test('its state is left alone', () => {
    const sticky = /^\/v\d/y;
    const template = templateOf(sticky);
    sticky.lastIndex = 1;
    expect(template('/v1')).toBe('/*');
    expect(sticky.lastIndex).toBe(1);
  });

  test('an expression behind a function that hides it gives no values either', () => {
    const expression = /^\/v\d+/;
    const template = probeTemplates([
      (path) => {
        const match = expression.exec(path);
        return match !== null && { path: match[0], params: {} };
      },
    ]);
    const values = Array.from({ length: 100 }, (_, i) => template(`/v${i}`));
    expect(new Set(values)).toEqual(new Set(['/*']));
  });

  test('a value too long to be looked at does not spoil the template', () => {
    const template = templateOf('/orders/:id');
    expect(template(`/orders/${'x'.repeat(5_000)}`)).toBe('/*');
    expect(template('/orders/7')).toBe('/orders/:id');
    expect(template(`/orders/${'x'.repeat(5_000)}`)).toBe('/orders/:id');
  });
});
