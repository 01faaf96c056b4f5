import { Counter, Registry } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import { counter, getObservability, initObservability, ObservabilityError } from '../index.js';
import { type CapturedObservability, captureObservability } from '../testing.js';
import { type Contract, defineContract } from './contract.js';

const strict: Contract = {
  mode: 'error',
  identity: { team: { required: true, values: ['checkout', 'catalogue'] }, environment: { required: true } },
  labels: { forbidden: ['user_id'] },
  metrics: { naming: true },
  logs: { requiredFields: ['service_namespace'] },
};
const good = { serviceName: 'orders', serviceNamespace: 'shop', team: 'checkout', environment: 'production' };

let captured: CapturedObservability | undefined;
afterEach(async () => {
  await captured?.stop();
  captured = undefined;
});

test('a service that meets the contract starts, and counts nothing', async () => {
  captured = captureObservability({ ...good, contract: defineContract(strict) });
  const metrics = await captured.metrics();
  const violations = metrics.match(/^throughline_contract_violations_total\{.*\} \d+$/gm) ?? [];
  expect(violations).toHaveLength(9);
  expect(violations.filter((line) => !line.endsWith(' 0'))).toEqual([]);
  expect(captured.logLines.filter(({ level }) => level === 'warn')).toEqual([]);
});

test('without a contract there is no such metric', async () => {
  captured = captureObservability(good);
  expect(await captured.metrics()).not.toContain('contract_violations');
});

test('mode error: the start throws with all breaches in one message, and another one can follow', () => {
  const registry = new Registry();
  new Counter({ name: 'logins', help: 'Logins.', labelNames: ['user_id'], registers: [registry] });
  const start = () =>
    captureObservability({
      serviceName: 'orders',
      team: 'chekout',
      contract: strict,
      metrics: { registries: [registry] },
    });
  let thrown: unknown;
  try {
    start();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ObservabilityError);
  expect(thrown).toMatchObject({ code: 'OBS_CONTRACT_BREACHED' });
  const { message } = thrown as Error;
  expect(message).toContain('in 5 points');
  expect(message).toContain("team (team) is 'chekout'; the contract allows 'checkout', 'catalogue'");
  expect(message).toContain('environment (deployment_environment_name) is not set');
  expect(message).toContain("log lines have no field 'service_namespace'");
  expect(message).toContain("metric 'logins' has the label 'user_id', which is forbidden");
  expect(message).toContain("metric 'logins' is a counter and must end in _total");
  // Nothing of the failed start is left.
  expect(getObservability().identity.serviceName).toBe('unknown_service:node');
  captured = captureObservability({ ...good, contract: strict });
  expect(getObservability().identity.team).toBe('checkout');
});

test('mode warn: the same is one line, counted once per breach, and the service runs', async () => {
  captured = captureObservability({
    serviceName: 'orders',
    team: 'chekout',
    contract: { ...strict, mode: 'warn' },
  });
  await captured.metrics();
  const warnings = captured.logLines.filter(({ code }) => code === 'OBS_CONTRACT_BREACHED');
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatchObject({ level: 'warn', message: expect.stringContaining('in 3 points') });
  expect(warnings[0]?.fix).toContain('node_modules/@throughline/core/docs/contract.md');
  const metrics = await captured.metrics();
  expect(metrics).toMatch(/throughline_contract_violations_total\{rule="identity_required",.*\} 1\n/);
  expect(metrics).toMatch(/throughline_contract_violations_total\{rule="identity_value",.*\} 1\n/);
  expect(metrics).toMatch(/throughline_contract_violations_total\{rule="log_field_required",.*\} 1\n/);
});

test('a contract that cannot be used is an error at start, even as a plain object', () => {
  expect(() => initObservability({ contract: { mode: 'loud' } as never })).toThrow(
    expect.objectContaining({ code: 'OBS_CONTRACT_INVALID' }),
  );
});

// Last: what is declared stays in this process.
test('mode error: metrics declared before init count too', () => {
  counter({ name: 'visits_total', help: 'Visits.', labelNames: ['user_id'] });
  expect(() => captureObservability({ ...good, contract: strict })).toThrow(
    "metric 'visits_total' has the label 'user_id', which is forbidden",
  );
});
