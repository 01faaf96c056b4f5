import { describe, test } from 'node:test';
import { testDatabaseClient } from '../../src/testing.js';
import { acmeSubject } from './acme-subject.js';

describe('acme', () => testDatabaseClient(test, acmeSubject()));
