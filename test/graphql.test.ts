import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startIntake } from '@throughline/testbed/otlp-intake';
import { createProcesses } from '@throughline/testbed/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BuiltCore, buildCore } from '../packages/core/test/built-core.js';

/*
 * GraphQL servers as ES modules, which no module cache shows and whose imports cannot be changed, each in a process. The unit tests
 * have the same servers as CommonJS.
 */
const init = `import { initObservability } from '@throughline/core';\n`;
const servers = {
  yoga: `
      import { createServer } from 'node:http';
      import { createSchema, createYoga } from 'graphql-yoga';
      const yoga = createYoga({
        schema: createSchema({ typeDefs: 'type Query { hello: String }', resolvers: { Query: { hello: () => 'world' } } }),
        logging: false,
      });
      const server = createServer(yoga).listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      const urlOf = () => 'http://127.0.0.1:' + server.address().port + '/graphql';
      const close = () => { server.close(); server.closeAllConnections(); };`,
  apollo: `
      import { ApolloServer } from '@apollo/server';
      import { startStandaloneServer } from '@apollo/server/standalone';
      const apollo = new ApolloServer({ typeDefs: 'type Query { hello: String }', resolvers: { Query: { hello: () => 'world' } } });
      const { url } = await startStandaloneServer(apollo, { listen: { port: 0, host: '127.0.0.1' } });
      const urlOf = () => url;
      const close = () => apollo.stop();`,
};
const ask = `
  for (const [index, name] of ['First', 'Second'].entries()) {
    const response = await fetch(urlOf(), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'query ' + name + ' { hello }' }),
    });
    console.log('answer ' + index + ': ' + (await response.text()).trim());
  }
  close();
  await getObservability().shutdown();`;

const processes = createProcesses();
let core: BuiltCore;
let intake: Awaited<ReturnType<typeof startIntake>>;
beforeAll(async () => {
  [core, intake] = await Promise.all([buildCore('graphql-service'), startIntake()]);
  // Below the folder of core, whose libraries it finds.
  const dependencies = { 'graphql-yoga': '*', '@apollo/server': '*', graphql: '*' };
  writeFileSync(join(core.folder, 'package.json'), JSON.stringify({ name: 'service', dependencies }));
});
afterAll(async () => {
  await intake?.stop();
  await processes.stopAll();
  core?.remove();
});

async function run(name: string, source: string, flags: readonly string[] = []) {
  const file = `${name}.mjs`;
  writeFileSync(join(core.folder, file), `import { getObservability } from '@throughline/core';\n${source}`);
  const service = processes.start(name, process.execPath, [...flags, file], {
    cwd: core.folder,
    env: {
      PATH: process.env.PATH,
      OTEL_SERVICE_NAME: name,
      OTEL_EXPORTER_OTLP_ENDPOINT: intake.url,
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    },
  });
  await service.ended;
  const output = service.lines.join('\n');
  for (const index of [0, 1]) expect(output).toContain(`answer ${index}: {"data":{"hello":"world"}}`);
  const spans = intake.spansOf(name);
  const requestIds = new Set(spans.filter(({ kind }) => kind === 2).map(({ spanId }) => spanId));
  const names = spans
    .filter(
      ({ attributes, parentSpanId = '' }) =>
        attributes['graphql.operation.type'] !== undefined && requestIds.has(parentSpanId),
    )
    .map((span) => span.name);
  return { output, names };
}

const both = ['query First', 'query Second'];

test('GraphQL Yoga that was created before init: every operation', async () => {
  const { names, output } = await run('yoga-late', `${init}${servers.yoga}\ninitObservability();${ask}`);
  expect(names, output).toEqual(both);
});

test('Apollo Server with the import flag: every operation', async () => {
  const { names, output } = await run('apollo-flag', `${servers.apollo}${ask}`, [
    '--import',
    '@throughline/core/register',
  ]);
  expect(names, output).toEqual(both);
});

test('Apollo Server that was loaded before init: none, and one warning that says what to do', async () => {
  const { names, output } = await run('apollo-late', `${init}${servers.apollo}\ninitObservability();${ask}`);
  expect(names, output).toEqual([]);
  const warnings = output.split('\n').filter((line) => line.includes('OBS_GRAPHQL_COPIED'));
  expect(warnings).toEqual([expect.stringContaining('--import @throughline/core/register')]);
});
