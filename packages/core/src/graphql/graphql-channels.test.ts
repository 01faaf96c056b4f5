import { channel } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { SpanStatusCode } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logger, withSpan } from '../index.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

/*
 * graphql 17, which was loaded, and whose functions were copied, before observability starts.
 */
const require = createRequire(import.meta.url);
const { buildSchema, execute, graphql, parse, subscribe } = require('graphql-17') as typeof import('graphql');

class StockError extends Error {}
const schema = buildSchema('type Query { hello: String, fails: Int } type Subscription { tick: Int }');
const rootValue = {
  async hello() {
    await undefined;
    logger.info('resolving');
    return 'world';
  },
  fails() {
    throw new StockError('no stock');
  },
};

let captured: CapturedObservability;
beforeEach(() => {
  captured = captureObservability();
});
afterEach(() => captured.stop());

const named = (name: string) => captured.waitForSpan((span) => span.name === name);
const countOf = async (name: string) =>
  Number(
    new RegExp(`graphql_operation_duration_seconds_count\\{[^}]*_name="${name}"[^}]*\\} (\\d+)`).exec(
      await captured.metrics(),
    )?.[1],
  );

test('an operation is a span in its trace, and its resolvers run in it', async () => {
  const result = await withSpan('request', () =>
    execute({ schema, rootValue, document: parse('query Greet { hello }') }),
  );
  expect(result.data?.hello).toBe('world');
  const [span, request] = [await named('query Greet'), await named('request')];
  expect(span.parentSpanContext?.spanId).toBe(request.spanContext().spanId);
  expect(span.attributes).toEqual({ 'graphql.operation.type': 'query', 'graphql.operation.name': 'Greet' });
  expect(captured.logLines.find(({ message }) => message === 'resolving')?.span_id).toBe(
    span.spanContext().spanId,
  );
  expect(await countOf('Greet')).toBe(1);
});

test('the error of a resolver is on it', async () => {
  const { errors } = await graphql({ schema, rootValue, source: 'query Fails { fails }' });
  expect(errors).toHaveLength(1);
  const span = await named('query Fails');
  expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'no stock' });
  expect(span.attributes['error.type']).toBe('StockError');
});

test('each event of a subscription is an operation, and the context around stays', async () => {
  async function* tick() {
    yield { tick: 1 };
    yield { tick: 2 };
  }
  const document = parse('subscription Ticks { tick }');
  const events = (await subscribe({ schema, document, rootValue: { tick } })) as AsyncIterable<unknown>;
  for await (const event of events) expect(event).toHaveProperty('data.tick');
  expect(await countOf('Ticks')).toBe(2);
});

test('what is not valid has no span, and after shutdown nobody listens', async () => {
  expect((await graphql({ schema, source: '{ missing }' })).errors).toHaveLength(1);
  expect(captured.spans).toEqual([]);
  await captured.stop();
  for (const name of ['graphql:execute', 'graphql:execute:rootSelectionSet']) {
    for (const event of ['start', 'end', 'asyncEnd']) {
      expect(channel(`tracing:${name}:${event}`).hasSubscribers, `${name}:${event}`).toBe(false);
    }
  }
  expect((await graphql({ schema, rootValue, source: '{ hello }' })).data?.hello).toBe('world');
});
