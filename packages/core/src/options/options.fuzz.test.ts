import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzzRuns } from '../../test/fuzz.js';
import { ObservabilityError } from '../model/errors.js';
import type { Option, OptionGroup } from './option.js';
import { resolveOptions } from './resolve.js';
import { optionTable } from './table.js';

/* Options are wrong in ways that nobody has thought of. */

type Entry = Option<unknown> | OptionGroup<Record<string, unknown>>;

const value = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSparseArray: true,
  }),
  fc.constantFrom(
    undefined,
    null,
    Number.NaN,
    -1,
    Number.POSITIVE_INFINITY,
    '',
    ' ',
    'true',
    'false',
    [],
    {},
    () => {},
    Symbol('s'),
    new Proxy({}, {}),
  ),
);

/** Objects of the right shape, in which any member may be anything. */
function shaped(entries: Readonly<Record<string, unknown>>): fc.Arbitrary<object> {
  const members = Object.entries(entries).map(([name, entry]) => {
    const { kind, members } = entry as Entry & { members?: Record<string, unknown> };
    return [
      name,
      kind === 'group' && members
        ? fc.oneof({ weight: 4, arbitrary: shaped(members) }, { weight: 1, arbitrary: value })
        : value,
    ];
  });
  return fc.record(Object.fromEntries(members), { requiredKeys: [] });
}

const variables = (function names(entries: Readonly<Record<string, unknown>>): string[] {
  return Object.values(entries).flatMap((entry) => {
    const each = entry as Entry & { members?: Record<string, unknown>; environment?: { name: string }[] };
    return each.kind === 'group'
      ? names(each.members as Record<string, unknown>)
      : (each.environment ?? []).map(({ name }) => name);
  });
})(optionTable);

test('code: options are resolved, or refused with the name of the option and a fix', () => {
  fc.assert(
    fc.property(shaped(optionTable), (given) => {
      try {
        resolveOptions(given as never);
      } catch (error) {
        expect(error).toBeInstanceOf(ObservabilityError);
        const { code, fix, message } = error as ObservabilityError;
        expect(code).toMatch(/^OBS_/);
        expect(fix).not.toBe('');
        expect(message.length).toBeLessThan(2_000);
      }
    }),
    fuzzRuns(400),
  );
});

test('environment: no value stops the service; what is ignored is said', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string(),
    fc.constantFrom(
      '0',
      '-1',
      'Number.POSITIVE_INFINITY',
      'NaN',
      'true',
      ',',
      '=',
      '%',
      'a=b',
      'http://',
      '/',
      '[',
      '__proto__=1',
    ),
  );
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...new Set(variables)), text, { maxKeys: 12 }),
      (environment) => {
        const { warnings } = resolveOptions({}, environment);
        for (const { code } of warnings) expect(code).toBe('OBS_ENVIRONMENT_INVALID');
      },
    ),
    fuzzRuns(1_000),
  );
});

test('configuration file: no value stops the service', () => {
  fc.assert(
    fc.property(fc.oneof(shaped(optionTable), value), (file) => {
      resolveOptions({}, {}, file as never);
    }),
    fuzzRuns(400),
  );
});
