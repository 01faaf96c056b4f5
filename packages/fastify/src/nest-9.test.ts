import { describeNest } from '../../express/test/nest-suite.js';
import { onFastify, requireNest } from '../test/nest-platform.js';

describeNest(
  '9 on Fastify',
  () => requireNest('nest-9').nest,
  onFastify(() => requireNest('nest-9').platform),
);
