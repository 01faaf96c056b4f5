import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const configFileName = 'throughline.config.mjs';

/** What the service says about itself; a part that is not known is left out. */
export interface ServiceIdentity {
  readonly serviceName: string | undefined;
  readonly team: string | undefined;
  readonly environment: string | undefined;
}

/** The config file that is there already. */
export function existingConfigFile(folder: string): string | undefined {
  return ['mjs', 'js', 'cjs']
    .map((extension) => `throughline.config.${extension}`)
    .find((name) => existsSync(join(folder, name)));
}

export function configFileText(identity: ServiceIdentity, contract: string | undefined): string {
  const { serviceName, team, environment } = identity;
  const line = (name: string, value: string | undefined, otherwise: string) =>
    value === undefined ? `  // ${name}: ${otherwise}` : `  ${name}: ${literal(value)},`;
  return [
    ...(contract === undefined ? [] : [`import { contract } from ${literal(contract)};`, '']),
    '// Options of Throughline. Environment variables such as OTEL_SERVICE_NAME win over them.',
    "/** @type {import('@throughline/core').ObservabilityOptions} */",
    'export default {',
    line('serviceName', serviceName, 'from OTEL_SERVICE_NAME or package.json'),
    line('team', team, 'the team that runs this service'),
    line(
      'environment',
      environment,
      'from NODE_ENV, or from deployment.environment.name in OTEL_RESOURCE_ATTRIBUTES',
    ),
    ...(contract === undefined ? [] : ['  contract,']),
    '};',
    '',
  ].join('\n');
}

/** In single quotes, as a JavaScript string. */
function literal(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner}'`;
}
