import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fuzzRuns } from '../../test/fuzz.js';
import { logger } from '../index.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

/* Services log what they have: a line is one line of JSON, whatever that is, and shows no secret. */

const secret = 'hunter2Sesame42';
const maxLineBytes = 131_072 + 4_096;
let captured: CapturedObservability;
beforeAll(() => {
  // captureObservability parses every line: a line that is not JSON would throw into the call.
  captured = captureObservability({});
});
afterAll(() => captured.stop());

const odd = fc.constantFrom<unknown>(
  undefined,
  null,
  Number.NaN,
  -0,
  1n,
  Symbol('s'),
  () => 1,
  new Date(Number.NaN),
  new Map([['a', new Map()]]),
  new Set([1]),
  /x/g,
  new Error('boom'),
  Object.assign(new Error('boom', { cause: new Error('below') }), { code: 1n }),
  new AggregateError([new Error('one'), 2], 'all'),
  Buffer.from('bytes'),
  new Uint8Array(3),
  Promise.resolve(1),
  new WeakMap(),
  new URL('http://user:pass@host/?token=x'),
  Proxy.revocable({}, {}).proxy,
  Object.create(null),
  Object.freeze(new Error('frozen')),
  (() => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    return circular;
  })(),
  'x'.repeat(200_000),
  '\u2028\ud800\n"\\',
);
const value = fc.letrec((tie) => ({
  node: fc.oneof({ maxDepth: 4 }, odd, fc.anything(), tie('list'), tie('object')),
  list: fc.array(tie('node'), { maxLength: 5 }),
  object: fc.dictionary(
    fc.oneof(
      fc.string(),
      fc.constantFrom('__proto__', 'toJSON', 'level', 'message', 'timestamp', 'trace_id', 'error'),
    ),
    tie('node'),
    { maxKeys: 6 },
  ),
})).node;

const message = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('%s %d %j %o %O %i %f %c %%', '%', '%j', '', 'plain'),
);

test('every call writes one line of JSON of bounded length, and throws nothing', () => {
  fc.assert(
    fc.property(message, fc.array(value, { maxLength: 4 }), (text, values) => {
      captured.reset();
      logger.info(text, ...(values as never[]));
      expect(captured.logLines).toHaveLength(1);
      const [line] = captured.logLines;
      expect(line?.level).toBe('info');
      expect(Buffer.byteLength(JSON.stringify(line))).toBeLessThan(maxLineBytes);
      expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    }),
    fuzzRuns(500),
  );
});

test('a secret under a secret name shows in no line: fields, errors, and objects in messages', () => {
  const name = fc.constantFrom(
    'password',
    'token',
    'apiKey',
    'api_key',
    'authorization',
    'cookie',
    'clientSecret',
    'PASSWORD',
    'x-api-key',
  );
  const nested = fc.letrec((tie) => ({
    holder: fc.oneof(
      { maxDepth: 3 },
      name.map((key) => ({ [key]: secret })),
      fc.array(tie('holder'), { minLength: 1, maxLength: 2 }),
      fc.tuple(fc.stringMatching(/^[a-z]{1,6}$/), tie('holder')).map(([key, inner]) => ({ [key]: inner })),
      tie('holder').map((inner) => new Map([['inner', inner]])),
      tie('holder').map((inner) => Object.assign(new Error('failed'), { details: inner })),
      name.map((key) => new Map([[key, secret]])),
      name.map((key) => JSON.stringify({ [key]: secret })),
      name.map((key) => new Error(`failed: ${key}=${secret}`)),
      fc.constantFrom(
        new Error('outer', { cause: new Error(`postgres://u:${secret}@db/x`) }),
        `https://u:${secret}@h/`,
      ),
    ),
  })).holder;
  const way = fc.constantFrom('%j', '%o', '%O', '%s', 'field', 'rest', 'error');
  fc.assert(
    fc.property(nested, way, (holder, how) => {
      captured.reset();
      if (how === 'field') logger.info('said', { holder });
      else if (how === 'error') logger.error('said', { error: Object.assign(new Error('x'), { holder }) });
      else if (how === 'rest') logger.info('said', holder as never);
      else logger.info(`said ${how}`, holder);
      expect(JSON.stringify(captured.logLines)).not.toContain(secret);
    }),
    fuzzRuns(800),
  );
});
