import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as requestOf } from 'node:http';
import { text } from 'node:stream/consumers';
import { propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ObservabilityPlugin } from '../plugin/plugin.js';
import type { CapturedObservability } from './capture.js';
import { assertTakenBack, type CapturedSpan, seriesOf, seriesValue, spanId } from './request-under-test.js';
import type { RunTest } from './run-test.js';
import { testOfSuite } from './test-of-suite.js';

/** A framework for HTTP servers, as {@link testHttpFramework} needs it. */
export interface TestedHttpFramework {
  /** Makes the plugin, as a service does. */
  plugin(): ObservabilityPlugin;
  /**
   * Makes an app with these routes, and a server that listens for it. Errors that nobody handles must not be printed.
   *
   * | request | answer |
   * |---|---|
   * | `GET /` | the text `home` |
   * | `GET /orders/:id` | `handlers.order(id)`, as text |
   * | `POST /orders` | status 201 and the text `created` |
   * | `GET /api/v1/shops/:shop/orders/:id` | `handlers.order(id)`; the path is declared in parts, in as many routers, prefixes or mounts as the framework has |
   * | `GET /thrown/:id` | nothing: the handler throws `handlers.error()` after an `await`, and the framework answers with status 500 |
   * | `GET /handled/:id` | status 503 and the text `handled`, from an error handler of the service: the handler throws `handlers.error()` |
   * | `GET /denied/:id` | status 401 and the text `denied`, from middleware or a hook that runs before the handler of this route |
   * | `GET /stream/:id` | the text `first`, and the text `second` when `handlers.second` resolves |
   * | anything else | status 404 |
   */
  serve(handlers: TestedHandlers): Promise<ServedFramework>;
  /** What the routes are called, where the framework cannot name them in the way that the table of `serve` does. */
  readonly routes?: {
    /** Default: `/denied/:id`. */
    readonly denied?: string | undefined;
    /** Default: `/api/v1/shops/:shop/orders/:id`. */
    readonly nested?: string;
  };
  /**
   * What the plugin replaces while it is on: methods of prototypes, or whether a channel has subscribers. The entries
   * are compared before, while it is on, and after.
   *
   * For example `() => [Router.prototype.match]`.
   */
  patched(): readonly unknown[];
}

/** What the handlers of the app do. */
export interface TestedHandlers {
  /** The text of an order. */
  order(id: string): Promise<string>;
  /** The error to throw. */
  error(): unknown;
  /** Resolves when the second part of the stream is to be sent. */
  readonly second: Promise<void>;
}

/** An app that is served. */
export interface ServedFramework {
  /** For example `http://127.0.0.1:40123`. */
  readonly origin: string;
  /** Closes the server and all of its connections. */
  close(): unknown;
}

/**
 * Declares the tests that every plugin for an HTTP framework must pass: routes on span and metric, with the paths of the
 * routers around them; errors with their class; requests without a route; hooks that answer; streams and clients that leave;
 * apps that are made before or after init; switching off and on again; that the answers stay as they are, and that
 * shutdown removes everything. Each test starts observability itself, so the test file must not start it. Assertions are
 * those of `node:assert`.
 *
 * @param test the function `test` or `it` of any test runner
 *
 * @example
 * import { describe, test } from 'node:test';
 * import { testHttpFramework } from '@throughline/core/testing';
 * import { acmeWeb } from './acme-subject.js';
 *
 * describe('acme-web', () => testHttpFramework(test, acmeWeb));
 */
export function testHttpFramework(test: RunTest, framework: TestedHttpFramework): void {
  const { name: pluginName } = framework.plugin();
  const nestedRoute = framework.routes?.nested ?? '/api/v1/shops/:shop/orders/:id';
  const deniedRoute =
    framework.routes && 'denied' in framework.routes ? framework.routes.denied : '/denied/:id';

  /** A test with its apps and observability, which end with it. */
  function promise(name: string, run: (o: FrameworkTest) => Promise<void>): void {
    testOfSuite(test, name, ({ start, closing }) =>
      run({
        start: (plugins) => start(() => framework.plugin(), plugins),
        async serve(handlers = {}) {
          const served = await framework.serve({
            order: async (id) => `order ${id}`,
            error: () => new OutOfStock('none left'),
            second: Promise.resolve(),
            ...handlers,
          });
          closing(() => served.close());
          return served.origin;
        },
      }),
    );
  }

  for (const order of ['before', 'after'] as const) {
    promise(`an app that is made ${order} init: the route is on span and metric, and no id is`, async (o) => {
      const early = order === 'before' ? await o.serve() : undefined;
      const captured = o.start();
      const origin = early ?? (await o.serve());
      for (const id of ['zz-one', 'zz-two']) {
        const { answer, span } = await exchange(captured, origin, `/orders/${id}?size=${id}`);
        assert.equal(answer.text, `order ${id}`);
        assertRoute(span, '/orders/:id');
      }
      assertRoute((await exchange(captured, origin, '/')).span, '/');
      const created = await exchange(captured, origin, '/orders', { method: 'POST' });
      assert.equal(created.answer.status, 201);
      assert.equal(created.span.name, 'POST /orders');
      assert.equal(await seriesValue(captured, duration, 'http_route="/orders/:id"'), 2);
      assert.ok(!(await captured.metrics()).includes('zz-'), 'an id is in the metrics');
    });
  }

  promise('an app that has answered requests before init: the next request has its route', async (o) => {
    const origin = await o.serve();
    for (const path of ['/orders/7', '/nothing/7', '/thrown/7']) await (await fetch(origin + path)).text();
    const captured = o.start();
    assertRoute((await exchange(captured, origin, '/orders/7')).span, '/orders/:id');
    assertRoute((await exchange(captured, origin, '/nothing/7')).span, undefined);
    const { span } = await exchange(captured, origin, '/thrown/7');
    assertRoute(span, '/thrown/:id');
    assert.equal(span.attributes['error.type'], 'OutOfStock');
  });

  promise('a route in routers within routers has the paths around it', async (o) => {
    const captured = o.start();
    const origin = await o.serve();
    for (const shop of ['north', 'south']) {
      const { answer, span } = await exchange(captured, origin, `/api/v1/shops/${shop}/orders/7`);
      assert.equal(answer.text, 'order 7');
      assertRoute(span, nestedRoute);
    }
    assert.equal(await seriesValue(captured, duration, `http_route="${nestedRoute}"`), 2);
  });

  promise('a request that matches no route has none', async (o) => {
    const captured = o.start();
    const origin = await o.serve();
    for (const path of ['/nothing/zz-one', '/orders/zz-one/more', '/api/v1/shops/zz-one']) {
      const { answer, span } = await exchange(captured, origin, path);
      assert.equal(answer.status, 404);
      assertRoute(span, undefined);
      assert.equal(span.attributes['error.type'], undefined);
      assert.deepEqual(span.events, []);
    }
    const { answer, span } = await exchange(captured, origin, '/orders/zz-one', { method: 'DELETE' });
    assert.ok([404, 405].includes(answer.status), `DELETE was answered with ${answer.status}`);
    assertRoute(span, undefined);
    assert.deepEqual(await seriesOf(captured, duration, 'http_route='), []);
    assert.ok(!(await captured.metrics()).includes('zz-'), 'a path is in the metrics');
  });

  promise('an error that nobody handles is on span and metric, by its class', async (o) => {
    const captured = o.start();
    const origin = await o.serve();
    const { answer, span } = await exchange(captured, origin, '/thrown/7');
    assert.equal(answer.status, 500);
    assertRoute(span, '/thrown/:id');
    assertError(span, SpanStatusCode.ERROR);
    assert.equal(
      await seriesValue(captured, duration, 'http_route="/thrown/:id"', 'error_type="OutOfStock"'),
      1,
    );
  });

  promise('an error that the service answers is recorded once, by its class', async (o) => {
    const captured = o.start();
    const origin = await o.serve();
    const { answer, span } = await exchange(captured, origin, '/handled/7');
    assert.deepEqual({ status: answer.status, text: answer.text }, { status: 503, text: 'handled' });
    assertRoute(span, '/handled/:id');
    assertError(span, SpanStatusCode.ERROR);
    assert.equal(
      await seriesValue(captured, duration, 'http_route="/handled/:id"', 'error_type="OutOfStock"'),
      1,
    );
  });

  promise(
    'middleware or a hook that answers by itself: the route is the one in front of which it stands',
    async (o) => {
      const captured = o.start();
      const origin = await o.serve();
      const { answer, span } = await exchange(captured, origin, '/denied/7');
      assert.deepEqual({ status: answer.status, text: answer.text }, { status: 401, text: 'denied' });
      assertRoute(span, deniedRoute);
      assert.equal(span.attributes['error.type'], undefined);
    },
  );

  promise('a handler runs in the span of its request, with the baggage of the caller', async (o) => {
    const captured = o.start();
    const seen: (string | undefined)[] = [];
    const look = () => {
      const active = trace.getActiveSpan();
      seen.push(active?.spanContext().spanId, propagation.getActiveBaggage()?.getEntry('tenant')?.value);
    };
    const origin = await o.serve({
      async order(id) {
        look();
        await new Promise(setImmediate);
        look();
        captured.observability.logger.info('handled');
        return id;
      },
    });
    const { span } = await exchange(captured, origin, '/orders/7', { headers: { baggage: 'tenant=acme' } });
    assert.deepEqual(seen, [spanId(span), 'acme', spanId(span), 'acme']);
    const line = captured.logLines.find(({ message }) => message === 'handled');
    assert.equal(line?.span_id, spanId(span));
  });

  promise('a stream: the span ends with the last part', async (o) => {
    const captured = o.start();
    let release: () => void = () => {};
    const second = new Promise<void>((resolve) => {
      release = resolve;
    });
    const origin = await o.serve({ second });
    const response = await get(`${origin}/stream/7`);
    const [first] = await once(response, 'data');
    assert.equal(String(first), 'first');
    assert.deepEqual(serverSpans(captured), []);
    release();
    assert.equal(await text(response), 'second');
    assertRoute(await serverSpan(captured, '/stream/7'), '/stream/:id');
  });

  promise('a client that disconnects: the span has its route', async (o) => {
    const captured = o.start();
    const origin = await o.serve({ second: new Promise(() => {}) });
    const response = await get(`${origin}/stream/7`);
    await once(response, 'data');
    response.destroy();
    const span = await serverSpan(captured, '/stream/7');
    assertRoute(span, '/stream/:id');
    assert.equal(span.attributes['error.type'], 'client_disconnected');
  });

  promise('a HEAD request has the route of its path, if the framework answers it', async (o) => {
    const captured = o.start();
    const origin = await o.serve();
    const { answer, span } = await exchange(captured, origin, '/orders/7', { method: 'HEAD' });
    assertRoute(span, answer.status === 200 ? '/orders/:id' : undefined);
  });

  promise('the answers are those that the service gives without the plugin', async (o) => {
    const values = [new OutOfStock('none left'), unreadable(), { message: 'an object' }, 'a text'];
    const requests: readonly (readonly [string, RequestInit?])[] = [
      ['/'],
      ['/orders/7?size=1'],
      ['/orders', { method: 'POST' }],
      ['/api/v1/shops/north/orders/7'],
      ['/denied/7'],
      ['/stream/7'],
      ['/nothing/7'],
      ['/orders/%zz'],
      ['/orders/7', { method: 'HEAD' }],
      ['/orders/7', { method: 'DELETE' }],
      ['/orders/7', { method: 'OPTIONS' }],
    ];
    let thrown: unknown;
    const answers = async (origin: string) => {
      const all = [];
      for (const [path, init] of requests) all.push(await answerTo(origin + path, init));
      for (thrown of values) {
        for (const path of ['/thrown/7', '/handled/7']) all.push(await answerTo(origin + path));
      }
      return all;
    };
    const handlers = { error: () => thrown };
    const expected = await answers(await o.serve(handlers));
    const early = await o.serve(handlers);
    o.start();
    assert.deepEqual(await answers(early), expected);
    assert.deepEqual(await answers(await o.serve(handlers)), expected);
  });

  promise('requests at the same time each have their own route and error', async (o) => {
    const captured = o.start();
    const origin = await o.serve();
    const paths = ['/orders/1', '/thrown/2', '/nothing/3', '/handled/4', '/', '/orders/5'];
    await Promise.all(paths.map(async (path) => (await fetch(origin + path)).text()));
    const found = await Promise.all(
      paths.map(async (path) => {
        const { attributes } = await serverSpan(captured, path);
        return [attributes['http.route'], attributes['error.type']];
      }),
    );
    assert.deepEqual(found, [
      ['/orders/:id', undefined],
      ['/thrown/:id', 'OutOfStock'],
      [undefined, undefined],
      ['/handled/:id', 'OutOfStock'],
      ['/', undefined],
      ['/orders/:id', undefined],
    ]);
  });

  promise('apps survive that the plugin is switched off and on again', async (o) => {
    const captured = o.start();
    const origins = [await o.serve()];
    const expectRoute = async (route: string | undefined) => {
      for (const origin of origins) {
        captured.reset();
        const { answer, span } = await exchange(captured, origin, '/orders/7');
        assert.equal(answer.text, 'order 7');
        assert.equal(span.attributes['http.route'], route);
      }
    };
    for (let round = 0; round < 2; round++) {
      await expectRoute('/orders/:id');
      captured.observability.setPluginEnabled(pluginName, false);
      await expectRoute(undefined);
      origins.push(await o.serve());
      captured.observability.setPluginEnabled(pluginName, true);
      await expectRoute('/orders/:id');
    }
  });

  promise('two plugins record a request and its error once', async (o) => {
    const captured = o.start(2);
    const origin = await o.serve();
    const { span } = await exchange(captured, origin, '/thrown/7');
    assertRoute(span, '/thrown/:id');
    assertError(span, SpanStatusCode.ERROR);
    assert.equal(await seriesValue(captured, duration, 'http_route="/thrown/:id"'), 1);
  });

  promise('after shutdown nothing is left of the plugin, and the app goes on', async (o) => {
    const before = framework.patched();
    const captured = o.start();
    const origin = await o.serve();
    await exchange(captured, origin, '/orders/7');
    const during = framework.patched();
    await captured.stop();
    assertTakenBack(before, during, framework.patched());
    for (const [path, status] of [
      ['/orders/7', 200],
      ['/thrown/7', 500],
      ['/handled/7', 503],
      ['/nothing/7', 404],
    ] as const) {
      assert.equal((await answerTo(origin + path)).status, status);
    }
  });
}

const duration = 'http_server_request_duration_seconds_count';

class OutOfStock extends Error {
  override name = 'OutOfStock';
}

/** What a test of the suite has. */
interface FrameworkTest {
  start(plugins?: number): CapturedObservability;
  /** @returns the origin */
  serve(handlers?: Partial<TestedHandlers>): Promise<string>;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Headers that differ from one response to the next. */
const changing = new Set(['date', 'keep-alive', 'connection', 'etag']);

async function answerTo(url: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !changing.has(name)));
  return { status: response.status, headers, text: await response.text() };
}

/** Sends a request and waits for its span. The span must be new. */
async function exchange(captured: CapturedObservability, origin: string, path: string, init?: RequestInit) {
  const earlier = new Set(captured.spans);
  const answer = await answerTo(origin + path, init);
  const pathname = path.split('?', 1)[0] as string;
  return { answer, span: await serverSpan(captured, pathname, earlier) };
}

function serverSpan(
  captured: CapturedObservability,
  pathname: string,
  earlier: ReadonlySet<CapturedSpan> = new Set(),
): Promise<CapturedSpan> {
  return captured.waitForSpan(
    (span) => isServerSpan(span) && span.attributes['url.path'] === pathname && !earlier.has(span),
  );
}

const isServerSpan = ({ kind }: CapturedSpan) => kind === SpanKind.SERVER;
const serverSpans = ({ spans }: CapturedObservability) => spans.filter(isServerSpan);

async function get(url: string) {
  const sent = requestOf(url).end();
  // A request that is given up reports it.
  sent.on('error', () => {});
  const [response] = await once(sent, 'response');
  (response as import('node:http').IncomingMessage).on('error', () => {});
  return response as import('node:http').IncomingMessage;
}

function assertRoute(span: CapturedSpan, route: string | undefined): void {
  const method = span.attributes['http.request.method'];
  assert.equal(span.attributes['http.route'], route);
  assert.equal(span.name, route === undefined ? method : `${method} ${route}`);
}

function assertError(span: CapturedSpan, status: SpanStatusCode): void {
  assert.deepEqual(
    span.events.map(({ attributes }) => attributes?.['exception.message']),
    ['none left'],
  );
  assert.equal(span.attributes['error.type'], 'OutOfStock');
  assert.equal(span.status.code, status);
}

/** An error whose members cannot be read. */
function unreadable(): unknown {
  return Object.defineProperties(new Error('unreadable'), {
    cause: {
      get() {
        throw new Error('from a getter');
      },
    },
  });
}
