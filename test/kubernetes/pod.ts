import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shop } from '@throughline/testbed/paths';
import { anyFreePort } from '@throughline/testbed/ports';
import type { createProcesses } from '@throughline/testbed/processes';
import {
  type Container,
  type Deployment,
  find,
  type KubernetesObject,
  type Probe,
  valuesOf,
} from './manifests.js';

type Processes = ReturnType<typeof createProcesses>;

/** What Kubernetes makes up for a pod. */
export interface PodFacts {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly nodeName: string;
}

export interface PodOptions {
  readonly processes: Processes;
  readonly folder: string;
  readonly objects: readonly KubernetesObject[];
  /** Name of the deployment. */
  readonly name: string;
  /** Addresses in the manifests, with the address on this machine for each. */
  readonly addresses?: Readonly<Record<string, string>>;
  /** Further variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The signal that `stop` sends. */
  readonly stopSignal?: NodeJS.Signals;
}

/** A container of a deployment, as a process of this machine with the environment and files of the manifest. */
export interface Pod {
  readonly facts: PodFacts;
  readonly container: Container;
  /** URL of a port by the name that the manifest gives it. */
  urlOf(port: string): string;
  /** One try of a probe: the status, or why there is none. */
  probe(probe: Probe): Promise<number | string>;
  /** The lines that it has written so far and that are JSON. */
  logLines(): Record<string, unknown>[];
  /** Sends the signal, and kills it when what is left of the grace period after preStop is over. */
  stop(): Promise<{ readonly code: number | null; readonly reason: string }>;
}

/**
 * The environment of a container, as the kubelet makes it: `envFrom`, then `env` in order; `$(NAME)` is replaced by a
 * variable that was set before, and stays as it is if there is none.
 */
export function containerEnvironment(
  objects: readonly KubernetesObject[],
  deployment: Deployment,
  facts: PodFacts,
): Record<string, string> {
  const { template } = deployment.spec;
  const { envFrom = [], env = [] } = containerOf(deployment);
  const environment: Record<string, string> = {};
  for (const { configMapRef, secretRef } of envFrom) {
    if (configMapRef) Object.assign(environment, valuesOf(find(objects, 'ConfigMap', configMapRef.name)));
    if (secretRef) Object.assign(environment, valuesOf(find(objects, 'Secret', secretRef.name)));
  }
  const fields: Record<string, string> = {
    'metadata.name': facts.name,
    'metadata.namespace': facts.namespace,
    'metadata.uid': facts.uid,
    'spec.nodeName': facts.nodeName,
  };
  for (const { name, value, valueFrom } of env) {
    if (valueFrom) {
      const { fieldPath } = valueFrom.fieldRef;
      const label = /^metadata\.labels\['(.+)'\]$/.exec(fieldPath)?.[1];
      // A label that the pod does not have is an empty text.
      const found = label === undefined ? fields[fieldPath] : (template.metadata.labels[label] ?? '');
      if (found === undefined) throw new Error(`There is no field ${fieldPath}.`);
      environment[name] = found;
    } else {
      environment[name] = (value ?? '').replace(
        /\$\(([^)]+)\)/g,
        (text, known: string) => environment[known] ?? text,
      );
    }
  }
  return environment;
}

export function containerOf(deployment: Deployment): Container {
  const [container] = deployment.spec.template.spec.containers;
  if (!container) throw new Error(`${deployment.metadata.name} has no container.`);
  return container;
}

/**
 * Starts the container of a deployment and waits for its startup probe. The process differs from a container in this:
 * it listens on 127.0.0.1, on other ports than the manifest says, and mounted files lie elsewhere; each variable that
 * names such a port or path is changed with it.
 */
export async function startPod(options: PodOptions): Promise<Pod> {
  const { processes, folder, objects, name, addresses = {}, stopSignal = 'SIGTERM' } = options;
  const deployment = find(objects, 'Deployment', name);
  const container = containerOf(deployment);
  const facts = {
    name: `${name}-${Math.random().toString(36).slice(2, 7)}`,
    namespace: 'shop',
    uid: crypto.randomUUID(),
    nodeName: 'node-1',
  };
  const environment = containerEnvironment(objects, deployment, facts);

  const ports = new Map<string, number>();
  for (const { name: port, containerPort } of container.ports) {
    const published = await anyFreePort();
    ports.set(port, published);
    for (const [variable, value] of Object.entries(environment)) {
      if (value === String(containerPort)) environment[variable] = String(published);
    }
  }
  const replaced = {
    ...addresses,
    ...Object.fromEntries(mountFiles(objects, deployment, join(folder, facts.name))),
  };
  for (const [variable, value] of Object.entries(environment)) {
    environment[variable] = Object.entries(replaced).reduce(
      (text, [from, to]) => text.replace(from, to),
      value,
    );
  }

  const { terminationGracePeriodSeconds } = deployment.spec.template.spec;
  const preStopSeconds = container.lifecycle.preStop.sleep.seconds;
  const service = processes.start(
    facts.name,
    process.execPath,
    // As the image does: examples/stack/shop.Dockerfile
    ['--enable-source-maps', join(shop, 'dist', environment.SERVICE ?? '', 'main.js')],
    {
      cwd: shop,
      env: {
        PATH: process.env.PATH,
        NODE_ENV: 'production',
        HOST: '127.0.0.1',
        OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
        ...environment,
        ...options.environment,
      },
      stopSignal,
      graceMillis: (terminationGracePeriodSeconds - preStopSeconds) * 1000,
    },
  );

  const urlOf = (port: string) => {
    const published = ports.get(port);
    if (published === undefined) throw new Error(`${name} has no port ${port}.`);
    return `http://127.0.0.1:${published}`;
  };
  const probe = async ({ httpGet, timeoutSeconds = 1 }: Probe) => {
    try {
      const response = await fetch(urlOf(httpGet.port) + httpGet.path, {
        signal: AbortSignal.timeout(timeoutSeconds * 1000),
      });
      await response.arrayBuffer();
      return response.status;
    } catch (error) {
      return String((error as Error).cause ?? error);
    }
  };

  const { startupProbe } = container;
  if (startupProbe) {
    const deadline = performance.now() + startupProbe.periodSeconds * startupProbe.failureThreshold * 1000;
    for (;;) {
      const outcome = await probe(startupProbe);
      if (outcome === 200) break;
      if (!service.isRunning() || performance.now() > deadline) {
        throw new Error([`${name} did not start (${outcome}):`, ...service.lines.slice(-20)].join('\n'));
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return {
    facts,
    container,
    urlOf,
    probe,
    logLines: () => service.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line)),
    stop: async () => (await service.stop()) as Awaited<ReturnType<Pod['stop']>>,
  };
}

/** Writes what is mounted from ConfigMaps. @returns the paths of the manifest, each with the one on this machine */
function mountFiles(
  objects: readonly KubernetesObject[],
  deployment: Deployment,
  folder: string,
): Map<string, string> {
  const { containers, volumes } = deployment.spec.template.spec;
  return new Map(
    containers
      .flatMap(({ volumeMounts }) => volumeMounts)
      .map(({ name, mountPath }) => {
        const volume = volumes.find((candidate) => candidate.name === name);
        if (!volume) throw new Error(`There is no volume ${name}.`);
        const target = join(folder, name);
        mkdirSync(target, { recursive: true });
        const files = valuesOf(find(objects, 'ConfigMap', volume.configMap.name));
        for (const [file, text] of Object.entries(files)) writeFileSync(join(target, file), text);
        return [mountPath, target] as const;
      }),
  );
}
