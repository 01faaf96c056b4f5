import { requireNest } from '../test/nest-copies.js';
import { describeNest } from '../test/nest-suite.js';

describeNest('8', () => requireNest('nest-8'));
