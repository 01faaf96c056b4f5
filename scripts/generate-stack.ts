/*
 * Writes what is generated for examples/stack: Grafana's dashboards from src/dashboards, and the recording rules and
 * alerts of throughline.slo.mjs by `throughline slo`. With --check it writes nothing and fails if a file is not current.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dashboards } from '../examples/stack/src/dashboards/index.js';
import { writeOrCheck } from './generated-files.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const stack = 'examples/stack';

writeOrCheck(root, {
  ...Object.fromEntries(
    Object.entries(dashboards(readFileSync(join(root, 'docs/runbooks.md'), 'utf8'))).map(
      ([name, dashboard]) => [
        `${stack}/grafana/dashboards/${name}.json`,
        `${JSON.stringify(dashboard.build(), null, 2)}\n`,
      ],
    ),
  ),
  [`${stack}/prometheus/rules/slo.yaml`]: objectiveRules(),
});

function objectiveRules(): string {
  const command = ['--import', 'tsx', join(root, 'packages/cli/src/main.ts')];
  return execFileSync(process.execPath, [...command, 'slo', `${stack}/throughline.slo.mjs`], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}
