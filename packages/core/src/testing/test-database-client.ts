import assert from 'node:assert/strict';
import { type Attributes, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { CapturedObservability } from './capture.js';
import { poolTests } from './database-pool.js';
import {
  assertCallbackKeepsContext,
  assertTakenBack,
  errorFacts,
  seriesValue,
  spanId,
  spansUnder,
  unhandledRejectionsOf,
} from './request-under-test.js';
import type { RunTest } from './run-test.js';
import { testOfSuite } from './test-of-suite.js';
import type {
  DatabaseTest,
  TestedDatabaseClient,
  TestedDatabaseConnection,
} from './tested-database-client.js';

/**
 * Declares the tests that every plugin for a database client must pass: names and attributes of spans, the metric,
 * errors, the text of statements, context in callbacks, pools, switching off and on again, and that shutdown removes
 * everything. Each test starts observability itself, so the test file must not start it. Assertions are those of
 * `node:assert`.
 *
 * @param test the function `test` or `it` of any test runner
 *
 * @example
 * import { describe, test } from 'node:test';
 * import { testDatabaseClient } from '@throughline/core/testing';
 * import { Client } from 'acme-db';
 * import { acmePlugin } from './acme-plugin.js';
 *
 * describe('acme-db', () =>
 *   testDatabaseClient(test, {
 *     plugin: (options) => acmePlugin(options),
 *     async connect() {
 *       const client = await Client.connect('acme://127.0.0.1:7000');
 *       return {
 *         read: () => client.get('product'),
 *         fail: () => client.call('NO-SUCH'),
 *         close: () => client.close(),
 *       };
 *     },
 *     read: {
 *       name: 'GET',
 *       attributes: { 'db.system.name': 'acme', 'db.operation.name': 'GET' },
 *       queryText: { sanitized: 'GET ?', raw: 'GET product' },
 *     },
 *     failure: { errorType: 'ERR', statusCode: 'ERR' },
 *     patched: () => [Client.prototype.get],
 *   }));
 */
export function testDatabaseClient(test: RunTest, client: TestedDatabaseClient): void {
  const { read, failure } = client;
  const { name: pluginName } = client.plugin();

  /** A test with its clients and observability, which end with it. */
  function promise(name: string, run: (o: DatabaseTest) => Promise<void>): void {
    testOfSuite(test, name, ({ start, closing }) =>
      run({
        start: (options, plugins) => start(() => client.plugin(options), plugins),
        async connect() {
          const connection = await client.connect();
          closing(() => connection.close());
          return connection;
        },
        closing,
        pluginName,
      }),
    );
  }

  promise(
    'an operation is one client span by the semantic conventions, and counts once in the metric',
    async ({ start, connect }) => {
      const captured = start();
      const connection = await connect();
      const spans = await spansUnder(captured, () => connection.read());
      assert.deepEqual(
        spans.map(({ name }) => name),
        [read.name],
      );
      const [span] = spans as [CapturedObservability['spans'][number]];
      assert.equal(span.kind, SpanKind.CLIENT);
      assert.equal(span.status.code, SpanStatusCode.UNSET);
      const { 'db.query.text': text, ...attributes } = span.attributes;
      const expected = typeof read.attributes === 'function' ? read.attributes() : read.attributes;
      assert.deepEqual(attributes, expected);
      assertText(text, read.queryText.sanitized);
      const labels = labelsOf(expected);
      assert.equal(await seriesValue(captured, 'db_client_operation_duration_seconds_count', ...labels), 1);
      const exemplar = `span_id="${spanId(span)}"`;
      assert.ok(
        (await captured.metrics()).includes(exemplar),
        'no bucket of the metric has the span as exemplar',
      );
    },
  );

  promise('without a span around it an operation counts, and makes no span', async ({ start, connect }) => {
    const captured = start();
    const connection = await connect();
    await connection.read();
    await captured.observability.flush();
    assert.deepEqual(captured.spans, []);
    const expected = typeof read.attributes === 'function' ? read.attributes() : read.attributes;
    assert.equal(
      await seriesValue(captured, 'db_client_operation_duration_seconds_count', ...labelsOf(expected)),
      1,
    );
  });

  for (const queryText of ['sanitized', 'raw', 'none'] as const) {
    promise(`the text of statements: ${queryText}`, async ({ start, connect }) => {
      const captured = start({ queryText });
      const connection = await connect();
      const [span] = await spansUnder(captured, () => connection.read());
      assert.equal(span?.name, read.name);
      const text = span?.attributes['db.query.text'];
      if (queryText === 'none') assert.equal(text, undefined);
      else assertText(text, read.queryText[queryText]);
    });
  }

  promise('an error of the server is on span and metric, and the same for the service', async (o) => {
    const unobserved = await o.connect();
    const expected = await errorFacts(() => unobserved.fail());
    const captured = o.start();
    const connection = await o.connect();
    let facts: unknown;
    const spans = await spansUnder(captured, async () => {
      facts = await errorFacts(() => connection.fail());
    });
    assert.deepEqual(facts, expected);
    assert.equal(spans.length, 1);
    const [span] = spans;
    assert.equal(span?.status.code, SpanStatusCode.ERROR);
    assert.equal(span?.attributes['error.type'], failure.errorType);
    assert.equal(span?.attributes['db.response.status_code'], failure.statusCode);
    assert.deepEqual(
      span?.events.map(({ name }) => name),
      ['exception'],
    );
    assert.equal(
      await seriesValue(
        captured,
        'db_client_operation_duration_seconds_count',
        `error_type="${failure.errorType}"`,
      ),
      1,
    );
  });

  promise('an unhandled rejection stays unhandled, and a handled one stays handled', async (o) => {
    const captured = o.start();
    const connection = await o.connect();
    const unhandled = await unhandledRejectionsOf(() =>
      spansUnder(captured, async () => {
        await connection.fail().catch(() => {});
        void connection.fail();
        await connection.read();
      }),
    );
    assert.equal(unhandled.length, 1);
  });

  promise('callbacks and continuations run in the context of the call', async ({ start, connect }) => {
    const captured = start();
    const connection = await connect();
    await spansUnder(captured, async () => {
      await assertCallbackKeepsContext((done) => connection.read().then(() => done(), done), 'success');
      await assertCallbackKeepsContext((done) => connection.fail().then(() => done(), done), 'failure');
      if (connection.readWithCallback) {
        await assertCallbackKeepsContext((done) => connection.readWithCallback?.(done), 'success');
      }
      if (connection.failWithCallback) {
        await assertCallbackKeepsContext((done) => connection.failWithCallback?.(done), 'failure');
      }
    });
  });

  promise('a client that was connected before init is observed', async ({ start, connect }) => {
    const connection = await connect();
    const captured = start();
    assert.equal((await spansUnder(captured, () => connection.read())).length, 1);
  });

  promise('clients survive that the plugin is switched off and on again', async ({ start, connect }) => {
    const captured = start();
    const before = await connect();
    const count = async (connection: TestedDatabaseConnection) =>
      (await spansUnder(captured, () => connection.read())).length;
    for (let round = 0; round < 2; round++) {
      assert.equal(await count(before), 1);
      captured.observability.setPluginEnabled(pluginName, false);
      assert.equal(await count(before), 0);
      const meanwhile = await connect();
      assert.equal(await count(meanwhile), 0);
      captured.observability.setPluginEnabled(pluginName, true);
      assert.equal(await count(before), 1);
      assert.equal(await count(meanwhile), 1);
      assert.equal(await count(await connect()), 1);
    }
  });

  promise('two plugins record an operation once', async ({ start, connect }) => {
    const captured = start(undefined, 2);
    const connection = await connect();
    assert.equal((await spansUnder(captured, () => connection.read())).length, 1);
  });

  promise('after shutdown nothing is left of the plugin', async ({ start, connect }) => {
    const before = client.patched();
    const captured = start();
    const connection = await connect();
    await connection.read();
    const during = client.patched();
    await captured.stop();
    assertTakenBack(before, during, client.patched());
    await connection.read();
  });

  if (client.createPool) {
    const { createPool } = client;
    poolTests(promise, () => createPool.call(client));
  }
}

/** The labels that the metric shares with the span. */
function labelsOf(attributes: Attributes): readonly string[] {
  return ['db.system.name', 'db.operation.name']
    .filter((name) => attributes[name] !== undefined)
    .map((name) => `${name.replaceAll('.', '_')}="${attributes[name]}"`);
}

function assertText(actual: unknown, expected: string | RegExp): void {
  if (typeof expected === 'string') assert.equal(actual, expected);
  else assert.match(String(actual), expected);
}
