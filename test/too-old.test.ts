import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { casesToRun } from '@throughline/testbed/cases';
import { startIntake } from '@throughline/testbed/otlp-intake';
import { afterEach, expect, test } from 'vitest';
import { serviceSource } from './managers/service.mjs';
import { installPacked, runIn } from './packed.mjs';

/* An override holds a package at a version that is too old: one warning says which to take, and the service runs. */
let folder: string | undefined;
afterEach(() => folder && rmSync(folder, { recursive: true, force: true }));

const tooOld = [
  ['prom-client', '11.5.3', /prom-client 11\.5\.3 in .* is too old/, /Install prom-client 15/],
  ['prom-client', '14.2.0', /prom-client 14\.2\.0 in .* is too old/, /Install prom-client 15/],
  [
    '@opentelemetry/api',
    '1.0.4',
    /@opentelemetry\/api 1\.0\.4 in .* is loaded/,
    /Install @opentelemetry\/api 1\.9/,
  ],
  [
    '@opentelemetry/api',
    '1.8.0',
    /@opentelemetry\/api 1\.8\.0 in .* is loaded/,
    /Install @opentelemetry\/api 1\.9/,
  ],
] as const;
const tooOldToRun = casesToRun(tooOld, ([, version]) => version === '11.5.3' || version === '1.8.0');
test.each(tooOldToRun)('%s %s: one warning, and all three signals', async (name, version, message, fix) => {
  const overrides = { [name]: version };
  ({ folder } = await installPacked(['express@5.3.0'], {
    manifest: { overrides, pnpm: { overrides } },
    names: ['core', 'express'],
  }));
  for (const format of ['cjs', 'esm'] as const) {
    const intake = await startIntake();
    const file = format === 'esm' ? 'service.mjs' : 'service.cjs';
    writeFileSync(join(folder, file), serviceSource({ dependencies: {}, format, endpoint: intake.url }));
    const output = await runIn(folder, process.execPath, [file]);
    const warnings = output.split('\n').filter((line) => line.includes('"level":"warn"'));
    expect(warnings, output).toHaveLength(1);
    const warning = JSON.parse(warnings[0] ?? '');
    expect(warning).toMatchObject({ code: 'OBS_PACKAGE_TOO_OLD' });
    expect(warning.message).toMatch(message);
    expect(warning.fix).toMatch(fix);
    const [server] = intake.spansOf('orders').filter((span) => span.name === 'GET /orders/:id');
    expect(output).toContain(`"message":"order read","trace_id":"${server?.traceId}"`);
    expect(output).toMatch(
      /^http_server_request_duration_seconds_count\{[^}]*http_route="\/orders\/:id"[^}]*\} 1$/m,
    );
    await intake.stop();
  }
});
