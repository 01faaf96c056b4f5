import { describe, expect, test } from 'vitest';
import { type Contract, defineContract } from './contract.js';

describe('defineContract', () => {
  test('gives an unchangeable copy', () => {
    const forbidden = ['user_id'];
    const contract = defineContract({ mode: 'warn', labels: { forbidden } });
    forbidden.push('email');
    expect(contract).toEqual({ mode: 'warn', labels: { forbidden: ['user_id'] } });
    expect(Object.isFrozen(contract.labels?.forbidden)).toBe(true);
  });

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'contract takes an object'],
    ['no mode', {}, "mode takes 'warn' or 'error'"],
    [
      'a misspelled member',
      { mode: 'warn', lables: {} },
      "contract has no member 'lables'; did you mean 'labels'?",
    ],
    [
      'a label in place of an option',
      { mode: 'warn', identity: { service_name: {} } },
      "did you mean 'serviceName'?",
    ],
    [
      'an unknown part of the identity',
      { mode: 'warn', identity: { region: {} } },
      "identity has no member 'region'; it takes serviceName",
    ],
    [
      'required as text',
      { mode: 'warn', identity: { team: { required: 'yes' } } },
      'identity.team.required takes true or false',
    ],
    [
      'no value at all',
      { mode: 'warn', identity: { team: { values: [] } } },
      'identity.team.values is empty',
    ],
    [
      'values that are no list',
      { mode: 'warn', identity: { team: { values: 'checkout' } } },
      'identity.team.values takes an array of strings',
    ],
    [
      'an attribute for a label',
      { mode: 'warn', labels: { forbidden: ['user.id'] } },
      "labels.forbidden has 'user.id', which is not a valid Prometheus label; did you mean 'user_id'?",
    ],
    [
      'a label that is both',
      { mode: 'warn', labels: { forbidden: ['a'], allowed: ['a'] } },
      "label 'a' is both forbidden and allowed",
    ],
    [
      'the identity forbidden',
      { mode: 'warn', labels: { forbidden: ['team'] } },
      "label 'team' cannot be forbidden: it is part of the identity",
    ],
    [
      'histograms forbidden',
      { mode: 'warn', labels: { forbidden: ['le'] } },
      "label 'le' cannot be forbidden",
    ],
    ['naming as text', { mode: 'warn', metrics: { naming: 'on' } }, 'metrics.naming takes true or false'],
    [
      'fields that are no list',
      { mode: 'warn', logs: { requiredFields: [1] } },
      'logs.requiredFields takes an array of strings',
    ],
  ])('%s is an error that says so', (_name, contract, message) => {
    expect(() => defineContract(contract as Contract)).toThrow(
      expect.objectContaining({ code: 'OBS_CONTRACT_INVALID', message: expect.stringContaining(message) }),
    );
  });
});
