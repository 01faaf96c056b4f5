import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { SpanStatusCode } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { logger } from '../index.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

/*
 * Servers that people use, over HTTP. As CommonJS, and loaded before observability starts.
 */
const require = createRequire(import.meta.url);
const {
  buildSchema,
  execute: copied,
  graphql,
  graphqlSync,
  parse,
  subscribe,
} = require('graphql') as typeof import('graphql');
const { createHandler } = require('graphql-http/lib/use/http') as typeof import('graphql-http/lib/use/http');
const { ApolloServer } = require('@apollo/server') as typeof import('@apollo/server');
const { startStandaloneServer } =
  require('@apollo/server/standalone') as typeof import('@apollo/server/standalone');
const { createYoga, createSchema } = require('graphql-yoga') as typeof import('graphql-yoga');

class StockError extends Error {}
const typeDefs = 'type Query { hello(name: String): String, fails: Int }';
const resolvers = {
  hello({ name = 'world' }: { name?: string }) {
    logger.info('resolving');
    return `hello ${name}`;
  },
  fails() {
    throw new StockError('no stock');
  },
};
const Query = {
  hello: (_: unknown, args: { name?: string }) => resolvers.hello(args),
  fails: () => resolvers.fails(),
};

let captured: CapturedObservability;
const servers: { close(): unknown }[] = [];
beforeEach(() => {
  captured = captureObservability({ serviceName: 'orders', logs: { canonicalLine: true } });
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  await captured.stop();
});

async function serve(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener).listen(0, '127.0.0.1');
  servers.push({
    close() {
      server.closeAllConnections();
      server.close();
    },
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

const servedBy: Record<string, () => Promise<string>> = {
  'graphql-http': () => serve(createHandler({ schema: buildSchema(typeDefs), rootValue: resolvers })),
  'graphql-yoga': () =>
    serve(
      createYoga({
        schema: createSchema({ typeDefs, resolvers: { Query } }),
        maskedErrors: false,
        logging: false,
      }),
    ),
  'Apollo Server': async () => {
    const server = new ApolloServer({ typeDefs, resolvers: { Query } });
    servers.push({ close: () => server.stop() });
    return (await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' } })).url;
  },
};

const ask = async (url: string, body: object) =>
  (
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  ).json() as Promise<{ data?: object; errors?: object[] }>;
const named = (name: string) => captured.waitForSpan((span) => span.name === name);
const count = async (...labels: string[]) => {
  const line = (await captured.metrics())
    .split('\n')
    .find(
      (each) =>
        each.startsWith('graphql_operation_duration_seconds_count{') &&
        labels.every((label) => each.includes(label)),
    );
  return Number(/\} (\S+)/.exec(line ?? '')?.[1]);
};

describe.each(Object.entries(servedBy))('%s', (_server, start) => {
  test('a named operation is on its span, on that of the request, on its line, and a label', async () => {
    const url = await start();
    const query = 'query Other { fails } query Greet($n: String) { hello(name: $n) }';
    const { data } = await ask(url, { query, operationName: 'Greet', variables: { n: 'a' } });
    expect(data).toEqual({ hello: 'hello a' });
    const span = await named('query Greet');
    const attributes = { 'graphql.operation.type': 'query', 'graphql.operation.name': 'Greet' };
    expect(span.attributes).toEqual(attributes);
    const request = await captured.waitForSpan(
      (each) => each.spanContext().spanId === span.parentSpanContext?.spanId,
    );
    expect(request.attributes).toMatchObject({ ...attributes, 'http.request.method': 'POST' });
    expect(captured.logLines.find(({ message }) => message === 'resolving')?.span_id).toBe(
      span.spanContext().spanId,
    );
    expect(captured.logLines.find(({ event_name }) => event_name !== undefined)).toMatchObject(attributes);
    expect(await count('graphql_operation_type="query"', 'graphql_operation_name="Greet"')).toBe(1);
  });

  test('an anonymous one has its type only, and one whose resolver throws has the error', async () => {
    const url = await start();
    expect((await ask(url, { query: '{ fails }' })).errors).toHaveLength(1);
    const span = await named('query');
    expect(span.attributes).not.toHaveProperty('graphql.operation.name');
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'no stock' });
    expect(span.attributes['error.type']).toBe('StockError');
    expect(await count('graphql_operation_type="query"', 'error_type="StockError"')).toBe(1);
  });
});

test('a server that has copied execute before is named once, with what to do', async () => {
  const schema = buildSchema(typeDefs);
  const url = await serve(createHandler({ schema, rootValue: resolvers, execute: copied }));
  for (let i = 0; i < 2; i++) expect((await ask(url, { query: '{ hello }' })).errors).toBeUndefined();
  const lines = captured.logLines.filter(({ code }) => code === 'OBS_GRAPHQL_COPIED');
  expect(lines).toEqual([expect.objectContaining({ fix: expect.stringContaining('--import') })]);
  const { findings } = await captured.observability.diagnose({ contact: false });
  expect(findings.map(({ code }) => code)).toContain('OBS_GRAPHQL_COPIED');
});

test('each event of a subscription, and a synchronous execution, is an operation', async () => {
  const schema = buildSchema(`${typeDefs} type Subscription { tick: Int }`);
  const document = parse('subscription Ticks { tick }');
  async function* tick() {
    yield { tick: 1 };
    yield { tick: 2 };
  }
  const events = (await subscribe({ schema, document, rootValue: { tick } })) as AsyncIterable<unknown>;
  for await (const event of events) expect(event).toHaveProperty('data');
  graphqlSync({ schema, rootValue: resolvers, source: 'query Sync { hello }' });
  expect(await count('graphql_operation_name="Ticks"')).toBe(2);
  expect(await count('graphql_operation_name="Sync"')).toBe(1);
  expect(captured.logLines.filter(({ level }) => level === 'warn')).toEqual([]);
});

test('what is not valid, and what is not there, fails as it does without', async () => {
  const url = await serve(createHandler({ schema: buildSchema(typeDefs), rootValue: resolvers }));
  expect((await ask(url, { query: '{ missing }' })).errors).toHaveLength(1);
  expect((await ask(url, { query: 'query A { hello }', operationName: 'B' })).errors).toHaveLength(1);
  await captured.stop();
  expect((await ask(url, { query: '{ hello }' })).data).toEqual({ hello: 'hello world' });
});

/** The last one: the names of a process are bounded, whoever uses them. */
test('names without end become one label', async () => {
  const schema = buildSchema(typeDefs);
  for (let i = 0; i < 300; i++) {
    await graphql({ schema, rootValue: resolvers, source: `query Name${i} { hello }` });
  }
  const names = new Set((await captured.metrics()).match(/graphql_operation_name="\w+"/g));
  expect(names.size).toBeLessThanOrEqual(201);
  expect(await count('graphql_operation_name="_OTHER"')).toBeGreaterThan(90);
  const { attributes } = await named('query _OTHER');
  expect(attributes['graphql.operation.name']).toMatch(/^Name\d+$/);
});
