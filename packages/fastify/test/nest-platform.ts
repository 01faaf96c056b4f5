import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import type { Nest, NestPlatform } from '../../express/test/nest-suite.js';
import { fastifyPlugin } from '../src/index.js';

type Platform = Pick<typeof import('@nestjs/platform-fastify'), 'FastifyAdapter'>;

/** NestJS on the adapter for Fastify of the same version. */
export function onFastify(load: () => Promise<Platform> | Platform): NestPlatform {
  return {
    name: 'fastify',
    plugin: () => fastifyPlugin(),
    async create({ core }, module) {
      const { FastifyAdapter } = await load();
      return core.NestFactory.create(module, new FastifyAdapter(), { logger: false });
    },
    async listener(application: INestApplication) {
      const instance: FastifyInstance = application.getHttpAdapter().getInstance();
      await instance.ready();
      return (request, response) => instance.routing(request, response);
    },
  };
}

/** A NestJS of CommonJS modules, as installed for one of the folders next to this file. */
export function requireNest(folder: 'nest-9' | 'nest-11'): { nest: Nest; platform: Platform } {
  const installed = realpathSync(join(import.meta.dirname, '../node_modules', folder));
  const require = createRequire(join(installed, 'package.json'));
  require('reflect-metadata');
  return {
    nest: {
      common: require('@nestjs/common'),
      core: require('@nestjs/core'),
      exceptionsHandler: require('@nestjs/core/exceptions/exceptions-handler.js').ExceptionsHandler.prototype,
    },
    platform: require('@nestjs/platform-fastify'),
  };
}
