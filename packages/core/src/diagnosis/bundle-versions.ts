import packageJson from '../../package.json' with { type: 'json' };

const { devDependencies } = packageJson;

/** Installed for tests only. */
const forTests = ['@opentelemetry/instrumentation-pg', '@opentelemetry/instrumentation-hapi'];

/** The OpenTelemetry packages that the build puts into core's files; their versions are pinned. */
export const bundledPackages: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(devDependencies).filter(
    ([name]) => name.startsWith('@opentelemetry/') && !forTests.includes(name),
  ),
);
