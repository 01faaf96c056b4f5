import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '@throughline/testbed/paths';
import { parseAllDocuments } from 'yaml';

/** Any object of a manifest; of the parts that tests read, as much as they read. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly spec?: unknown;
}

interface Reference {
  readonly name: string;
}
export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly timeoutSeconds?: number;
  readonly failureThreshold: number;
}
export interface Container {
  readonly name: string;
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly envFrom?: readonly { readonly configMapRef?: Reference; readonly secretRef?: Reference }[];
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
  }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  readonly lifecycle: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly resources: Readonly<Record<'requests' | 'limits', Readonly<Record<string, string>>>>;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}
export interface Deployment extends KubernetesObject {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly Container[];
        readonly volumes: readonly { readonly name: string; readonly configMap: Reference }[];
      };
    };
  };
}
export interface Service extends KubernetesObject {
  readonly spec: {
    readonly selector: Readonly<Record<string, string>>;
    readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: string }[];
  };
}
export interface Ingress extends KubernetesObject {
  readonly spec: {
    readonly tls: readonly { readonly hosts: readonly string[]; readonly secretName: string }[];
    readonly rules: readonly {
      readonly host: string;
      readonly http: {
        readonly paths: readonly {
          readonly path: string;
          readonly backend: {
            readonly service: { readonly name: string; readonly port: { readonly name: string } };
          };
        }[];
      };
    }[];
  };
}
export interface ServiceMonitor extends KubernetesObject {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly endpoints: readonly {
      readonly port: string;
      readonly path: string;
      readonly authorization: { readonly credentials: { readonly name: string; readonly key: string } };
    }[];
  };
}
interface Kinds {
  readonly ConfigMap: KubernetesObject;
  readonly Secret: KubernetesObject;
  readonly Deployment: Deployment;
  readonly Service: Service;
  readonly Ingress: Ingress;
  readonly ServiceMonitor: ServiceMonitor;
}

export const kubernetesFolder = join(root, 'examples/kubernetes');
/** The cluster of the shop, and the one that its telemetry goes to. */
export const clusters = { shop: kubernetesFolder, elsewhere: join(kubernetesFolder, 'elsewhere') };

/** What `kubectl apply -f folder` would send. */
export function readManifests(folder: string): KubernetesObject[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) =>
      // kubectl reads YAML 1.1, to which `on` is true.
      parseAllDocuments(readFileSync(join(folder, name), 'utf8'), { version: '1.1' }).map((document) => {
        const [problem] = [...document.errors, ...document.warnings];
        if (problem) throw new Error(`${name}: ${problem.message}`);
        return document.toJS() as KubernetesObject;
      }),
    );
}

export function ofKind<K extends keyof Kinds>(objects: readonly KubernetesObject[], kind: K): Kinds[K][] {
  return objects.filter((object) => object.kind === kind) as Kinds[K][];
}

export function find<K extends keyof Kinds>(
  objects: readonly KubernetesObject[],
  kind: K,
  name: string,
): Kinds[K] {
  const found = ofKind(objects, kind).find(({ metadata }) => metadata.name === name);
  if (!found) throw new Error(`There is no ${kind} ${name}.`);
  return found;
}

/** The keys and values of a ConfigMap or a Secret. */
export function valuesOf({ data, stringData, kind }: KubernetesObject): Record<string, string> {
  const decoded = Object.entries(data ?? {}).map(([key, value]) => [
    key,
    kind === 'Secret' ? Buffer.from(value, 'base64').toString() : value,
  ]);
  return { ...Object.fromEntries(decoded), ...stringData };
}

/** The same objects, where a ConfigMap or Secret has other values. */
export function withValues(
  objects: readonly KubernetesObject[],
  kind: 'ConfigMap' | 'Secret',
  name: string,
  values: Readonly<Record<string, string>>,
): KubernetesObject[] {
  const changed = { ...valuesOf(find(objects, kind, name)), ...values };
  return objects.map((object) =>
    object.kind === kind && object.metadata.name === name
      ? { ...object, data: {}, stringData: changed }
      : object,
  );
}

export function hasLabels(
  labels: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([name, value]) => labels?.[name] === value);
}
