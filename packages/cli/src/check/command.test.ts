import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { captureObservability } from '@throughline/core/testing';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { Counter } from 'prom-client';
import { expect, test } from 'vitest';
import { recordedIo } from '../../test/recorded-io.js';
import { runCommandLine } from '../command-line/run.js';
import { commands } from '../commands.js';

const folder = temporaryFolder();
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const contract = `{
  mode: 'error',
  identity: { team: { required: true, values: ['checkout'] }, serviceName: { required: true } },
  labels: { forbidden: ['user_id'] },
  metrics: { naming: true },
}`;
write('contract.mjs', `export const contract = ${contract};`);
write('contract.cjs', `module.exports = ${contract};`);
write('nothing.mjs', 'export const a = 1;');
write('loud.mjs', "export default { mode: 'loud' };");
write('throws.mjs', "throw new Error('no database');");

const good = '# TYPE a_total counter\na_total{service_name="orders",team="checkout"} 1\n';
const bad = [
  '# TYPE a_total counter',
  'a_total{service_name="orders",team="checkout",user_id="7"} 1',
  'a_total{service_name="orders",team="chekout",user_id="8"} 1',
  '# TYPE b_ms gauge',
  'b_ms{service_name="orders"} 1',
  '',
].join('\n');

async function check(args: string[], input = '') {
  const io = recordedIo({ input, folder });
  const exitCode = await runCommandLine(commands, ['check', ...args], io);
  return { exitCode, out: io.outText(), problems: io.problemText() };
}

test.each(['contract.mjs', './contract.cjs', join(folder, 'contract.mjs')])(
  'metrics that meet the contract (%s)',
  async (file) => {
    expect(await check(['--contract', file, '--metrics', '-'], good)).toEqual({
      exitCode: 0,
      out: '✓ The metrics meet the contract (1 metrics, 1 series).\n',
      problems: '',
    });
  },
);

test.each(['text/plain', 'application/openmetrics-text'])(
  'target_info may say what no label may, pulled as %s',
  async (accept) => {
    const strict = `{
      mode: 'error',
      labels: { allowed: ['peer'], forbidden: ['k8s_pod_name'] },
      metrics: { naming: true },
    }`;
    write('strict.mjs', `export const contract = ${strict};`);
    const captured = captureObservability({
      serviceName: 'orders',
      team: 'checkout',
      resourceAttributes: { 'k8s.pod.name': 'orders-1', 'Owner.Mail': 'x' },
      contract: {
        mode: 'error',
        labels: { allowed: [], forbidden: ['k8s_pod_name'] },
        metrics: { naming: true },
      },
    });
    const { body } = await captured.observability.metrics.render(accept);
    await captured.stop();
    expect(body).toMatch(/^target_info\{.*k8s_pod_name="orders-1"/m);
    expect(body).toMatch(/^target_info\{.*Owner_Mail="x"/m);
    expect(body).not.toMatch(/^throughline_contract_violations_total\{.* [1-9]$/m);
    const { exitCode, out } = await check(['--contract', 'strict.mjs', '--metrics', '-'], body);
    expect(out).toMatch(/^✓ The metrics meet the contract/);
    expect(exitCode).toBe(0);
  },
);

test('metrics that do not: a list of all breaches, and a failure', async () => {
  write('bad.txt', bad);
  const { exitCode, out, problems } = await check(['--contract', 'contract.mjs', '--metrics', 'bad.txt']);
  expect(exitCode).toBe(1);
  expect(problems).toBe('');
  expect(out.trimEnd().split('\n')).toEqual([
    "✗ identity_value     team (team) is 'chekout'; the contract allows 'checkout' on a_total",
    '✗ identity_required  team (team) is not set on b_ms',
    "✗ label_forbidden    metric 'a_total' has the label 'user_id', which is forbidden",
    "✗ metric_name        metric 'b_ms' is in 'ms' instead of the base unit seconds: end it in _seconds",
    '4 breaches of the contract (2 metrics, 3 series).',
  ]);
});

test('a label that the service has dropped itself does not fail the check, and is shown', async () => {
  const captured = captureObservability({
    serviceName: 'orders',
    team: 'checkout',
    contract: { mode: 'warn', labels: { forbidden: ['user_id'] } },
  });
  const visits = new Counter({ name: 'visits_total', help: 'Visits.', labelNames: ['user_id'] });
  visits.inc({ user_id: '7' });
  await captured.observability.metrics.render();
  const { body } = await captured.observability.metrics.render();
  await captured.stop();
  const { exitCode, out } = await check(['--contract', 'contract.mjs', '--metrics', '-'], body);
  expect(body).not.toContain('user_id=');
  expect(exitCode).toBe(0);
  expect(out.split('\n')[1]).toBe(
    'The service has counted further breaches: label_forbidden 1. Its log lists them (OBS_CONTRACT_BREACHED).',
  );
});

test('--json', async () => {
  const { exitCode, out } = await check(['--contract', 'contract.mjs', '--metrics', '-', '--json'], bad);
  expect(exitCode).toBe(1);
  const result = JSON.parse(out);
  expect(result).toMatchObject({ ok: false, metrics: 2, series: 3 });
  expect(result.breaches).toContainEqual({
    rule: 'label_forbidden',
    subject: 'a_total',
    message: "metric 'a_total' has the label 'user_id', which is forbidden",
  });
});

test('a running service, behind a token; what it drops is not there any more', async () => {
  const rules = { mode: 'warn', labels: { forbidden: ['server_address'] } } as const;
  write('rules.mjs', `export default ${JSON.stringify(rules)};`);
  const captured = captureObservability({
    serviceName: 'orders',
    contract: rules,
    metrics: { endpoint: { port: 0, token: 'secret' } },
  });
  const server = createServer(captured.observability.metricsHandler);
  try {
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const url = `http://localhost:${(server.address() as AddressInfo).port}/metrics`;
    expect(await check(['--contract', 'rules.mjs', '--metrics', url])).toMatchObject({
      exitCode: 2,
      problems: expect.stringContaining('the answer is 401 Unauthorized'),
    });
    expect(
      await check(['--contract', 'rules.mjs', '--metrics', url, '--header', 'Authorization: Bearer secret']),
    ).toMatchObject({ exitCode: 0 });
  } finally {
    server.close();
    await captured.stop();
  }
});

test.each([
  [[], 'OBS_COMMAND_INVALID: check needs --contract'],
  [['--contract', 'contract.mjs'], 'OBS_COMMAND_INVALID: check needs --metrics'],
  [
    ['--contract', 'contract.mjs', '--metrics', '-', 'more'],
    "OBS_COMMAND_INVALID: check takes no argument 'more'",
  ],
  [['--contract', 'contract.mjs', '--metrics', '-', '--header', 'x'], 'OBS_COMMAND_INVALID: --header takes'],
  [
    ['--contract', './no.mjs', '--metrics', '-'],
    'OBS_COMMAND_INPUT: ./no.mjs could not be loaded: there is no file',
  ],
  [
    ['--contract', 'no-such-package', '--metrics', '-'],
    'OBS_COMMAND_INPUT: no-such-package could not be loaded: Cannot find module',
  ],
  [['--contract', 'throws.mjs', '--metrics', '-'], 'could not be loaded: no database'],
  [['--contract', 'nothing.mjs', '--metrics', '-'], 'OBS_COMMAND_INPUT: nothing.mjs exports no contract'],
  [['--contract', 'loud.mjs', '--metrics', '-'], 'OBS_CONTRACT_INVALID'],
  [
    ['--contract', 'contract.mjs', '--metrics', 'no.txt'],
    'OBS_COMMAND_INPUT: no.txt could not be read: ENOENT',
  ],
  [
    ['--contract', 'contract.mjs', '--metrics', 'http://localhost:9/x'],
    'OBS_COMMAND_INPUT: http://localhost:9/x could not be read',
  ],
  [['--contract', 'contract.mjs', '--metrics', '-'], 'OBS_EXPOSITION_INVALID: - has no samples'],
])('%j checks nothing and says why', async (args, problem) => {
  const { exitCode, out, problems } = await check(args);
  expect(exitCode).toBe(2);
  expect(out).toBe('');
  expect(problems).toContain(problem);
});
