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
  'esbuild@0.28',
  'tsx@4',
];

/** The folder in which the cells of an Express version run. The config file is for those that start by the import flag. */
export async function installForMatrix(expressMajor) {
  const { folder } = await installPacked([`express@${expressMajor}`, ...libraries]);
  writeFileSync(join(folder, 'throughline.config.mjs'), 'export default { metrics: { endpoint: false } };\n');
  return folder;
}
