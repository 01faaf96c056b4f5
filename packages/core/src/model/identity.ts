import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { isMainThread, threadId } from 'node:worker_threads';
import type { Environment } from './environment.js';
import { foldersOfScript } from './package-folder.js';
import { workingDirectory } from './working-directory.js';

/**
 * Who a signal comes from. Every span, series and log line of a service carries the same identity, under the
 * names that Prometheus and Loki derive from the OpenTelemetry resource attributes.
 */
export interface Identity {
  /** `service.name`, label `service_name`. */
  readonly serviceName: string;
  /** `service.namespace`, label `service_namespace`. */
  readonly serviceNamespace: string | undefined;
  /** `service.version`, label `service_version`. */
  readonly serviceVersion: string | undefined;
  /** `deployment.environment.name`, label `deployment_environment_name`. */
  readonly environment: string | undefined;
  /** `team`, label `team`. */
  readonly team: string | undefined;
  /** `service.instance.id`: host (or pod) and process, and thread in a worker thread. */
  readonly instanceId: string;
  /** All resource attributes, the ones above included. */
  readonly resourceAttributes: Readonly<Record<string, string>>;
}

const labelByAttribute = {
  'service.name': 'service_name',
  'service.namespace': 'service_namespace',
  'service.version': 'service_version',
  'deployment.environment.name': 'deployment_environment_name',
  team: 'team',
} as const;

/** The label of each part of the identity, by the option that sets it. */
export const identityLabelOf = {
  serviceName: labelByAttribute['service.name'],
  serviceNamespace: labelByAttribute['service.namespace'],
  serviceVersion: labelByAttribute['service.version'],
  environment: labelByAttribute['deployment.environment.name'],
  team: labelByAttribute.team,
} as const;
/** A part of the identity, as the options name it. */
export type IdentityOption = keyof typeof identityLabelOf;

/** The options that set the identity. */
type IdentityOptions = { readonly [Name in IdentityOption]?: string | undefined } & {
  readonly resourceAttributes?: Readonly<Record<string, string>> | undefined;
};

export function resolveIdentity(
  options: IdentityOptions,
  environment: Environment,
  servicePackage: NamedPackage = {},
): Identity {
  const given = options.resourceAttributes ?? {};
  const serviceName =
    options.serviceName ?? given['service.name'] ?? servicePackage.name ?? 'unknown_service:node';
  const serviceNamespace = options.serviceNamespace ?? given['service.namespace'];
  const serviceVersion = options.serviceVersion ?? given['service.version'] ?? servicePackage.version;
  const deploymentEnvironment =
    options.environment ??
    given['deployment.environment.name'] ??
    given['deployment.environment'] ??
    (environment.NODE_ENV || undefined);
  const team = options.team ?? given.team;
  // A worker thread pushes its own metrics. They must not be mixed with those of its process.
  const thread = isMainThread ? '' : `:${threadId}`;
  const instanceId =
    given['service.instance.id'] ?? `${given['k8s.pod.name'] ?? hostname()}:${process.pid}${thread}`;

  const { 'deployment.environment': _older, ...rest } = given;
  const resourceAttributes: Record<string, string> = {
    ...rest,
    'service.name': serviceName,
    'service.instance.id': instanceId,
  };
  if (serviceNamespace) resourceAttributes['service.namespace'] = serviceNamespace;
  if (serviceVersion) resourceAttributes['service.version'] = serviceVersion;
  if (deploymentEnvironment) resourceAttributes['deployment.environment.name'] = deploymentEnvironment;
  if (team) resourceAttributes.team = team;

  return {
    serviceName,
    serviceNamespace,
    serviceVersion,
    environment: deploymentEnvironment,
    team,
    instanceId,
    resourceAttributes,
  };
}

/** The identity as Prometheus labels and log fields; parts that are not set are left out. */
export function identityLabels(identity: Identity): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (const [attribute, label] of Object.entries(labelByAttribute)) {
    const value = identity.resourceAttributes[attribute];
    if (value !== undefined) labels[label] = value;
  }
  return labels;
}

export interface NamedPackage {
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  /** The folder of its package.json. */
  readonly folder?: string | undefined;
}

/**
 * Name and version in the nearest package.json that has a name, from the started script's folder upwards. A command is
 * often a link, as npm's in `.bin`: the folder of the file comes first.
 */
export function readServicePackage(entryFile: string | undefined): NamedPackage {
  const starts = entryFile === undefined ? [workingDirectory()] : foldersOfScript(entryFile);
  for (const start of starts) {
    const found = nearestNamedPackage(start);
    if (found) return found;
  }
  return {};
}

function nearestNamedPackage(start: string): NamedPackage | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      if (typeof name === 'string' && name !== '') {
        return { name, version: typeof version === 'string' ? version : undefined, folder };
      }
    } catch {
      // No package.json here, or one that cannot be read: the next folder up may have one.
    }
    if (folder === dirname(folder)) return undefined;
  }
}
