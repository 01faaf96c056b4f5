import { join } from 'node:path';
import { describeNest } from '../../express/test/nest-suite.js';
import { onFastify } from '../test/nest-platform.js';

// A service is started in its folder, whose package.json names NestJS: here it is that of this package.
process.chdir(join(import.meta.dirname, '..'));

describeNest(
  '12 on Fastify',
  async () => {
    const common = await import('@nestjs/common');
    const core = await import('@nestjs/core');
    const { ExceptionsHandler } = await import('@nestjs/core/exceptions/exceptions-handler.js');
    return { common, core, exceptionsHandler: ExceptionsHandler.prototype };
  },
  onFastify(() => import('@nestjs/platform-fastify')),
);
