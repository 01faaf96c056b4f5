import { testHttpFramework } from '@throughline/core/testing';
import { describe, test } from 'vitest';
import { honoCopies, honoSubject } from '../test/served-hono.js';

describe.each(honoCopies)('$name', (copy) => testHttpFramework(test, honoSubject(copy)));
