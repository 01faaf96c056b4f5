import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPacked } from '../packed.mjs';

/** What the cells' service imports, and what loads it. */
const libraries = [
  'fastify@5',
  'koa@3',
  '@koa/router@15',
  'hono@4',
  '@hono/node-server@2',
  'pg@8',
  'ioredis@5',
  'kafkajs@2',
  'amqplib@2',
  'bullmq@6',
  '@nats-io/transport-node@3',
  // The AWS SDK drops Node 20 within a major version.
  '@aws-sdk/client-sqs@3.1175',
  '@grpc/grpc-js@1',
  'graphql@16',
  'esbuild@0.28',
  'tsx@4',
];

/** Libraries that take no `modules` in code: they stay outside of a bundle. */
export const outsideOfBundles = [
  '@nats-io/transport-node',
  '@aws-sdk/client-sqs',
  '@grpc/grpc-js',
  'graphql',
];

/** The folder in which the cells of an Express version run. The config file is for those that start by the import flag. */
export async function installForMatrix(expressMajor) {
  const { folder } = await installPacked([`express@${expressMajor}`, ...libraries]);
  writeFileSync(join(folder, 'throughline.config.mjs'), 'export default { metrics: { endpoint: false } };\n');
  return folder;
}
