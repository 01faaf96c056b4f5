import { testHttpFramework } from '@throughline/core/testing';
import { describe, test } from 'vitest';
import { koaCopies, koaSubject } from '../test/served-koa.js';

describe.each(koaCopies)('$name', (copy) => testHttpFramework(test, koaSubject(copy)));
