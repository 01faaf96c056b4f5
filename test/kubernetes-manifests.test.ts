/*
 * The files of examples/kubernetes, by the schemas that Kubernetes and the Prometheus Operator publish, and by what must
 * agree between them. test/kubernetes.test.ts runs what they say.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubernetesSchemas, kubernetesSchemasHint } from '@throughline/testbed/kubernetes-schemas';
import { root } from '@throughline/testbed/paths';
import { describe, expect, test } from 'vitest';
import {
  clusters,
  find,
  hasLabels,
  type KubernetesObject,
  kubernetesFolder,
  ofKind,
  readManifests,
  valuesOf,
} from './kubernetes/manifests.js';
import { containerEnvironment, containerOf } from './kubernetes/pod.js';
import { createValidator } from './kubernetes/schemas.js';

const schemas = kubernetesSchemas();
if (!schemas) {
  const notice = `The schemas of Kubernetes are off: ${kubernetesSchemasHint}.`;
  if (process.env.CI) throw new Error(notice);
  console.log(notice);
}

const shop = readManifests(clusters.shop);
const elsewhere = readManifests(clusters.elsewhere);
const deployments = ofKind(shop, 'Deployment');
const readme = readFileSync(join(kubernetesFolder, 'README.md'), 'utf8');

/** What the page says to make by hand. */
const madeByHand = [...readme.matchAll(/kubectl create (configmap|secret \w+) (\S+)/g)].map(
  ([, kind, name]) => ({
    kind: kind === 'configmap' ? 'ConfigMap' : 'Secret',
    name,
  }),
);

describe.runIf(schemas)('the published schemas', () => {
  const validate = createValidator(schemas as string);

  test.each([...shop, ...elsewhere].map((object) => [`${object.kind} ${object.metadata.name}`, object]))(
    '%s',
    (_name, object) => {
      expect(validate(object as KubernetesObject)).toEqual([]);
    },
  );

  test.each<
    [string, 'Deployment' | 'Service' | 'Ingress' | 'ServiceMonitor' | 'ConfigMap', RegExp, RegExp, string]
  >([
    [
      'a name that is not known',
      'Deployment',
      /"livenessProbe"/,
      /containers\/0 must NOT have additional/,
      '"livenesProbe"',
    ],
    [
      'one deep below',
      'Deployment',
      /"failureThreshold"/,
      /Probe must NOT have additional/,
      '"failureTreshold"',
    ],
    [
      'a number as text',
      'Deployment',
      /"containerPort":\d+/,
      /containerPort must be integer/,
      '"containerPort":"http"',
    ],
    [
      'a variable as number',
      'Deployment',
      /"name":"PORT","value":"\d+"/,
      /value must be string/,
      '"name":"PORT","value":3000',
    ],
    [
      'what must be there',
      'Deployment',
      /"selector":\{[^}]*\}\},/,
      /must have required property 'selector'/,
      '',
    ],
    ['metadata', 'Service', /"labels"/, /metadata must NOT have additional/, '"lables"'],
    ['a value as number', 'ConfigMap', /"30000"/, /METRIC_EXPORT_INTERVAL must be string/, '30000'],
    ['an ingress', 'Ingress', /"pathType":"Prefix",/, /must have required property 'pathType'/, ''],
    ['a monitor', 'ServiceMonitor', /"interval":"15s"/, /interval must match pattern/, '"interval":"15 s"'],
    ['a name in a monitor', 'ServiceMonitor', /"scrapeTimeout"/, /must NOT have additional/, '"timeout"'],
    ['metadata of a monitor', 'ServiceMonitor', /"labels"/, /metadata must NOT have additional/, '"lables"'],
  ])('refuse %s', (_name, kind, from, complaint, to) => {
    const texts = ofKind([...shop, ...elsewhere], kind).map((object) => JSON.stringify(object));
    const text = texts.find((candidate) => from.test(candidate)) ?? '{}';
    expect(validate(JSON.parse(text.replace(from, to))).join('\n')).toMatch(complaint);
  });
});

describe('what one says of another', () => {
  const exists = (objects: readonly KubernetesObject[], kind: string, name: string) =>
    objects.some((object) => object.kind === kind && object.metadata.name === name) ||
    madeByHand.some((made) => made.kind === kind && made.name === name);

  test.each([
    ['shop', shop],
    ['elsewhere', elsewhere],
  ])('%s: every ConfigMap and Secret is there', (_cluster, objects) => {
    const wanted = [
      ...ofKind(objects, 'Deployment').flatMap((deployment) => [
        ...(containerOf(deployment).envFrom ?? []).map(({ configMapRef, secretRef }) =>
          configMapRef ? ['ConfigMap', configMapRef.name] : ['Secret', secretRef?.name],
        ),
        ...deployment.spec.template.spec.volumes.map(({ configMap }) => ['ConfigMap', configMap.name]),
      ]),
      ...ofKind(objects, 'Ingress').flatMap(({ spec, metadata }) => [
        ...spec.tls.map(({ secretName }) => ['Secret', secretName]),
        ['Secret', metadata.annotations?.['nginx.org/basic-auth-secret']],
      ]),
    ];
    expect(wanted.length).toBeGreaterThan(0);
    for (const [kind, name] of wanted) {
      expect(exists(objects, kind as string, name as string), `${kind} ${name}`).toBe(true);
    }
    // Applied to a namespace of one's own choice.
    for (const { metadata } of objects) expect(metadata).not.toHaveProperty('namespace');
  });

  test.each([...deployments, ...ofKind(elsewhere, 'Deployment')])(
    '$metadata.name: labels, ports and volumes meet',
    (deployment) => {
      const { selector, template } = deployment.spec;
      const objects = deployments.includes(deployment) ? shop : elsewhere;
      const container = containerOf(deployment);
      const ports = container.ports.map(({ name }) => name);
      const service = find(objects, 'Service', deployment.metadata.name);
      expect(hasLabels(template.metadata.labels, selector.matchLabels)).toBe(true);
      expect(hasLabels(template.metadata.labels, service.spec.selector)).toBe(true);
      for (const { targetPort } of service.spec.ports) expect(ports).toContain(targetPort);
      for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
        if (probe) expect(ports).toContain(probe.httpGet.port);
      }
      for (const { name } of container.volumeMounts) {
        expect(template.spec.volumes.map((volume) => volume.name)).toContain(name);
      }
      const { requests, limits } = container.resources;
      expect(requests).toMatchObject({ cpu: expect.any(String), memory: limits.memory });
    },
  );

  test('the image runs the service that SERVICE names, as the process that gets SIGTERM', () => {
    // test/kubernetes.test.ts starts the same file.
    const image = readFileSync(join(root, 'examples/stack/shop.Dockerfile'), 'utf8');
    expect(image).toMatch(/^CMD .*exec node --enable-source-maps dist\/\$SERVICE\/main\.js/m);
    for (const deployment of deployments) {
      const { env = [], name } = containerOf(deployment);
      expect(env).toContainEqual({ name: 'SERVICE', value: name });
    }
  });

  test('the monitor finds every service, its port and its token', () => {
    const [monitor] = ofKind(shop, 'ServiceMonitor');
    const { selector, endpoints } = monitor?.spec ?? { selector: { matchLabels: {} }, endpoints: [] };
    const found = ofKind(shop, 'Service').filter(({ metadata }) =>
      hasLabels(metadata.labels, selector.matchLabels),
    );
    expect(found.map(({ metadata }) => metadata.name).sort()).toEqual(['gateway', 'product', 'views']);
    expect(endpoints).toHaveLength(1);
    for (const { port, authorization } of endpoints) {
      for (const { spec } of found) expect(spec.ports.map(({ name }) => name)).toContain(port);
      const { name, key } = authorization.credentials;
      expect(valuesOf(find(shop, 'Secret', name))).toHaveProperty(key);
    }
  });

  test('the ingress leads to a port of the Collector, at the place that the services send to', () => {
    const [ingress] = ofKind(elsewhere, 'Ingress');
    const [rule] = ingress?.spec.rules ?? [];
    const [path] = rule?.http.paths ?? [];
    const endpoint = new URL(
      valuesOf(find(shop, 'ConfigMap', 'telemetry')).OTEL_EXPORTER_OTLP_ENDPOINT as string,
    );
    expect(endpoint.protocol).toBe('https:');
    expect(endpoint.host).toBe(rule?.host);
    expect(`${endpoint.pathname}/`).toBe(path?.path);
    expect(ingress?.spec.tls).toEqual([expect.objectContaining({ hosts: [endpoint.host] })]);
    const { name = '', port = { name: '' } } = path?.backend.service ?? {};
    expect(find(elsewhere, 'Service', name).spec.ports.map((known) => known.name)).toContain(port.name);
  });

  test('all services have the same telemetry, and an identity of their own', () => {
    const facts = { name: 'pod-1', namespace: 'shop', uid: 'uid-1', nodeName: 'node-1' };
    const own = ['SERVICE', 'PORT', 'PRODUCT_URL', 'REDIS_URL', 'KAFKA_BROKERS', 'POSTGRES_URL'];
    const [first, ...others] = deployments.map((deployment) => {
      const { name, labels } = deployment.metadata;
      const environment = containerEnvironment(shop, deployment, facts);
      expect(JSON.stringify(environment)).not.toContain('$(');
      const {
        ports: _ports,
        env: _env,
        envFrom: _envFrom,
        name: _name,
        ...container
      } = containerOf(deployment);
      const { containers: _containers, ...pod } = deployment.spec.template.spec;
      expect(labels).toEqual(deployment.spec.template.metadata.labels);
      const telemetry = Object.fromEntries(
        Object.entries(environment)
          .filter(([key]) => !own.includes(key))
          .map(([key, value]) => [
            key,
            value.replace(new RegExp(`\\b${name}\\b`, 'g'), '<name>').replace(labels?.team ?? '', '<team>'),
          ]),
      );
      return { telemetry, container, pod };
    });
    expect(others).toHaveLength(2);
    for (const other of others) expect(other).toEqual(first);
    expect(first?.telemetry.OTEL_RESOURCE_ATTRIBUTES?.split(/, */)).toEqual([
      'service.namespace=shop',
      'service.version=0.1.0',
      'service.instance.id=shop.pod-1.<name>',
      'deployment.environment.name=production',
      'team=<team>',
      'k8s.cluster.name=shop-eu',
      'k8s.namespace.name=shop',
      'k8s.deployment.name=<name>',
      'k8s.pod.name=pod-1',
      'k8s.pod.uid=uid-1',
      'k8s.container.name=<name>',
      'k8s.node.name=node-1',
    ]);
  });
});
