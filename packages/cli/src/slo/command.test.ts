import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { beforeEach, expect, test } from 'vitest';
import { recordedIo } from '../../test/recorded-io.js';
import { runCommandLine } from '../command-line/run.js';
import { commands } from '../commands.js';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const objective = (name: string, more = '') =>
  `{ name: '${name}', objective: 0.99, window: '30d', sli: { kind: 'availability', of: { http: {} } }, ${more} }`;

async function slo(...args: string[]) {
  const io = recordedIo({ folder });
  const exitCode = await runCommandLine(commands, ['slo', ...args], io);
  return { exitCode, out: io.outText(), problems: io.problemText() };
}

test('writes the rules of every exported objective, with the service of package.json', async () => {
  write('package.json', '{ "name": "orders" }');
  write(
    'throughline.slo.mjs',
    `export const a = ${objective('a')}; export const other = 7; export default [a, ${objective('b', "service: 'basket', team: 'own'")}];`,
  );
  expect(await slo('--out', 'rules.yaml', '--team', 'checkout')).toEqual({
    exitCode: 0,
    out: '',
    problems: expect.stringMatching(/^rules.yaml: rules of (a, b|b, a)\n$/),
  });
  const rules = readFileSync(join(folder, 'rules.yaml'), 'utf8');
  expect(rules).toContain('- name: "slo:orders:a:sli"');
  expect(rules).toContain('- name: "slo:basket:b:alerts"');
  expect(rules).toMatch(/slo: "a"\n +service_name: "orders"\n +team: "checkout"/);
  expect(rules).toMatch(/slo: "b"\n +service_name: "basket"\n +team: "own"/);
});

test('CommonJS, several files, another service, and stdout', async () => {
  write('a.cjs', `module.exports = ${objective('a')};`);
  write('b.cjs', `exports.b = ${objective('b')}; exports.c = ${objective('c')};`);
  const { exitCode, out } = await slo('a.cjs', './b.cjs', '--service', 'orders');
  expect(exitCode).toBe(0);
  expect(out.match(/- name: .*:alerts"/g)).toEqual([
    '- name: "slo:orders:a:alerts"',
    '- name: "slo:orders:b:alerts"',
    '- name: "slo:orders:c:alerts"',
  ]);
});

test('an objective so low that an alert could not fire is said on stderr', async () => {
  write('low.mjs', `export default ${objective('low').replace('0.99', '0.9')};`);
  const { exitCode, problems } = await slo('low.mjs', '--service', 'orders');
  expect(exitCode).toBe(0);
  expect(problems).toContain('cannot burn 14.4 times too fast');
});

test('a module of a service that has not installed this package: the fix is the command to run', async () => {
  write('slo.mjs', "import { defineSlo } from 'throughline'; export default defineSlo({});");
  const { exitCode, problems } = await slo('slo.mjs');
  expect(exitCode).toBe(2);
  expect(problems).toMatch(
    /OBS_COMMAND_INPUT: slo\.mjs could not be loaded: Cannot find package 'throughline'/,
  );
  expect(problems).toContain(`Run \`npm install --save-dev throughline\` in ${folder}.`);
});

test.each([
  [[], 'OBS_COMMAND_INPUT: No file was named, and '],
  [['no.mjs'], 'OBS_COMMAND_INPUT: no.mjs could not be loaded'],
  [['empty.mjs'], 'OBS_COMMAND_INPUT: empty.mjs exports no SLO.'],
  [['bad.mjs'], "OBS_SLO_INVALID: SLO 'bad' cannot be used: window takes one of"],
  [['a.mjs', 'same.mjs', '--service', 'x'], "OBS_SLO_INVALID: Service 'x' has two SLOs named 'a'."],
  [['a.mjs', '--service', 'x', '--out', 'no/such/rules.yaml'], 'could not be written: ENOENT'],
])('%j writes nothing and says why', async (args, problem) => {
  write('empty.mjs', 'export const a = 1;');
  write('bad.mjs', `export default ${objective('bad').replace('30d', '1y')};`);
  write('a.mjs', `export default ${objective('a')};`);
  write('same.mjs', `export default ${objective('a')};`);
  const { exitCode, out, problems } = await slo(...args);
  expect(exitCode).toBe(2);
  expect(out).toBe('');
  expect(problems).toContain(problem);
});
