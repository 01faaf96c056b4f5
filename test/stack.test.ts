import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { backendHint, backendProgram } from '../scripts/parts/backend-programs.mjs';
import { promtool } from '../scripts/parts/promtool.mjs';

const stack = fileURLToPath(new URL('../examples/stack', import.meta.url));
const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { cwd: stack, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const filesIn = (folder: string) => readdirSync(join(stack, folder)).map((name) => `${folder}/${name}`);

const checker = promtool();
describe.skipIf(!checker)('Prometheus takes', () => {
  test('its configuration, with the rules it names', () => {
    expect(run(checker ?? '', 'check', 'config', 'prometheus/prometheus.yaml')).toContain('SUCCESS');
  });

  test('the rules, which have nothing that its linter dislikes', () => {
    expect(run(checker ?? '', 'check', 'rules', '--lint-fatal', ...filesIn('prometheus/rules'))).toContain(
      'SUCCESS',
    );
  });

  test('that the alerts fire when they should, and only then', () => {
    expect(run(checker ?? '', 'test', 'rules', ...filesIn('prometheus/tests'))).toContain('SUCCESS');
  });
});

const amtool = backendProgram('amtool');
if (!amtool) {
  if (process.env.CI) test('amtool is there', () => expect(amtool, backendHint('amtool')).toBeDefined());
  else console.log(`The check of Alertmanager's routes is off: ${backendHint('amtool')}.`);
}
describe.skipIf(!amtool)('Alertmanager', () => {
  const file = 'alertmanager/alertmanager.yaml';

  test('takes its configuration', () => {
    expect(run(amtool ?? '', 'check-config', file)).toContain('SUCCESS');
  });

  test('sends what a team owns to that team', () => {
    const receiverOf = (...labels: string[]) =>
      run(amtool ?? '', 'config', 'routes', 'test', `--config.file=${file}`, ...labels).trim();
    expect(receiverOf('team=catalogue', 'severity=ticket')).toBe('catalogue');
    expect(receiverOf('team=catalogue', 'severity=page')).toBe('catalogue-page');
    expect(receiverOf('team=unheard-of', 'severity=ticket')).toBe('platform');
    expect(receiverOf('severity=page')).toBe('platform-page');
  });
});
