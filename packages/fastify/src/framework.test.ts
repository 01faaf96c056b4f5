import { testHttpFramework } from '@throughline/core/testing';
import { describe, test } from 'vitest';
import { fastifyCopies, fastifySubject } from '../test/served-fastify.js';

describe.each(fastifyCopies)('$name', (copy) => testHttpFramework(test, fastifySubject(copy)));
