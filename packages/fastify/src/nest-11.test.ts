import { describeNest } from '../../express/test/nest-suite.js';
import { onFastify, requireNest } from '../test/nest-platform.js';

describeNest(
  '11 on Fastify',
  () => requireNest('nest-11').nest,
  onFastify(() => requireNest('nest-11').platform),
);
