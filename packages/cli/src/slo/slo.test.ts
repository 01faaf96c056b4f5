import { describe, expect, test } from 'vitest';
import { defineSlo, type Slo } from './slo.js';

const good: Slo = {
  name: 'checkout',
  objective: 0.999,
  window: '30d',
  sli: { kind: 'latency', thresholdSeconds: 0.25, of: { http: { route: '/checkout' } } },
};

describe('defineSlo', () => {
  test('gives an unchangeable copy', () => {
    const slo = defineSlo(good);
    expect(slo).toEqual(good);
    expect(Object.isFrozen(slo.sli.of)).toBe(true);
  });

  test.each<[string, object, string]>([
    [
      'a name in capitals',
      { name: 'Checkout' },
      "lower-case letters, digits and hyphens, for example checkout-latency; it got 'Checkout'",
    ],
    [
      'percent',
      { objective: 99.9 },
      "objective takes a number above 0 and below 1; it got '99.9'; 99.9 percent is 0.999",
    ],
    ['a promise of everything', { objective: 1 }, 'objective takes a number above 0 and below 1'],
    ['an objective as text', { objective: '0.999' }, 'objective takes a number'],
    ['an unknown window', { window: '1h' }, "window takes one of 7d, 28d, 30d, 90d; it got '1h'"],
    ['a runbook that is no URL', { runbook: 'wiki/checkout' }, "runbook takes a URL; it got 'wiki/checkout'"],
    ['a misspelled member', { objectve: 0.9 }, "an SLO has no member 'objectve'; did you mean 'objective'?"],
    ['no sli', { sli: undefined }, 'sli takes an object'],
    [
      'an unknown kind',
      { sli: { kind: 'speed', of: { http: {} } } },
      "sli.kind takes 'availability' or 'latency'; it got 'speed'",
    ],
    [
      'two subjects',
      { sli: { kind: 'availability', of: { http: {}, database: {} } } },
      'sli.of takes exactly one of http, messaging, database',
    ],
    [
      'a misspelled label',
      { sli: { kind: 'availability', of: { http: { rute: '/' } } } },
      "sli.of.http has no member 'rute'; did you mean 'route'?",
    ],
    [
      'an empty route',
      { sli: { kind: 'availability', of: { http: { route: '' } } } },
      'sli.of.http.route takes a non-empty string',
    ],
    [
      'a threshold between buckets',
      { sli: { kind: 'latency', thresholdSeconds: 0.3, of: { http: {} } } },
      "thresholdSeconds takes a bucket bound of http_server_request_duration_seconds (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10); it got '0.3'",
    ],
    [
      'a bound of another metric',
      { sli: { kind: 'latency', thresholdSeconds: 0.25, of: { database: {} } } },
      'db_client_operation_duration_seconds',
    ],
    [
      'a threshold of an availability',
      { sli: { kind: 'availability', thresholdSeconds: 1, of: { http: {} } } },
      "sli of kind 'availability' takes no thresholdSeconds",
    ],
  ])('%s is an error that says so', (_name, change, message) => {
    expect(() => defineSlo({ ...good, ...change } as Slo)).toThrow(
      expect.objectContaining({ code: 'OBS_SLO_INVALID', message: expect.stringContaining(message) }),
    );
  });
});
