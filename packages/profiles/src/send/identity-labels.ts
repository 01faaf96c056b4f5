import type { Identity } from '@throughline/core/plugin';

/** The labels of all series, the same as those of metrics and log lines. Values that are not set are left out. */
export function identityLabels(identity: Identity): Readonly<Record<string, string>> {
  const labels: Record<string, string | undefined> = {
    service_name: identity.serviceName,
    service_namespace: identity.serviceNamespace,
    service_version: identity.serviceVersion,
    deployment_environment_name: identity.environment,
    team: identity.team,
    instance: identity.instanceId,
  };
  return Object.fromEntries(
    Object.entries(labels).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
    ),
  );
}
