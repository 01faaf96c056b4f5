import { requireNest } from '../test/nest-copies.js';
import { describeNest } from '../test/nest-suite.js';

describeNest('11', () => requireNest('nest-11'));
