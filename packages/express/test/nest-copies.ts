import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Nest } from './nest-suite.js';

/** A NestJS of CommonJS modules, as installed for one of the folders next to this file. */
export function requireNest(folder: 'nest-8' | 'nest-11'): Nest {
  const installed = realpathSync(join(import.meta.dirname, '../node_modules', folder));
  const require = createRequire(join(installed, 'package.json'));
  require('reflect-metadata');
  return {
    common: require('@nestjs/common'),
    core: require('@nestjs/core'),
    exceptionsHandler: require('@nestjs/core/exceptions/exceptions-handler.js').ExceptionsHandler.prototype,
  };
}
