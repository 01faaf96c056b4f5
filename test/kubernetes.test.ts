/*
 * The shop of examples/kubernetes as processes with the environment, files and probes of the manifests. Their telemetry
 * goes through a real nginx, set up as examples/kubernetes/elsewhere says, to a real Collector.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { collectorHint, startCollector } from '@throughline/testbed/collector';
import { kafkaHint, startKafka } from '@throughline/testbed/kafka';
import { nginxHint, startNginx } from '@throughline/testbed/nginx';
import { root } from '@throughline/testbed/paths';
import { anyFreePort } from '@throughline/testbed/ports';
import { startPostgres } from '@throughline/testbed/postgres';
import { createProcesses } from '@throughline/testbed/processes';
import { redisHint, startRedis } from '@throughline/testbed/redis';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { build } from '../scripts/demo/workspace.mjs';
import { type Authority, createAuthority, type Issued } from './kubernetes/certificates.js';
import { serverOf } from './kubernetes/ingress.js';
import {
  clusters,
  find,
  type KubernetesObject,
  kubernetesFolder,
  ofKind,
  readManifests,
  valuesOf,
  withValues,
} from './kubernetes/manifests.js';
import { type Pod, type PodOptions, startPod } from './kubernetes/pod.js';
import { type Receiver, startReceiver } from './kubernetes/receiver.js';

const processes = createProcesses();
const folder = temporaryFolder();
const elsewhere = readManifests(clusters.elsewhere);
const [ingress] = ofKind(elsewhere, 'Ingress');
const token = 'a-token-of-another-cluster';

const receiver: Receiver = await startReceiver();
const collectorPort = await anyFreePort();
const otherPort = await anyFreePort();
const authority: Authority = createAuthority(join(folder, 'authority'), 'Example authority');
const host = ingress?.spec.rules[0]?.host ?? '';
const tls: Issued = authority.issue('server', [`DNS:${host}`, 'IP:127.0.0.1']);
const [nginx, collector, kafka, redis, postgres] = await Promise.all([
  startNginx({ processes, folder, servers }),
  startCollector({ processes, folder, config: collectorConfig }),
  startKafka({ processes, folder }),
  startRedis({ processes, folder }),
  startPostgres({ processes, folder }),
]);
const missing = [
  nginx ? '' : nginxHint,
  collector ? '' : collectorHint,
  kafka ? '' : kafkaHint,
  redis ? '' : redisHint,
].filter(Boolean);
if (missing.length > 0) {
  const notice = `The tests of examples/kubernetes are off: ${missing.join('; ')}.`;
  if (process.env.CI) throw new Error(notice);
  console.log(notice);
}

/** The Ingress of the example, and beside it what other ingresses ask for: a bearer token, a client certificate. */
function servers(port: number): string {
  if (!ingress) throw new Error('There is no Ingress.');
  const upstream = `127.0.0.1:${collectorPort}`;
  return `${serverOf(ingress, elsewhere, { port, tls, upstream, folder })}
  server {
    listen 127.0.0.1:${otherPort} ssl;
    ssl_certificate ${tls.certificateFile};
    ssl_certificate_key ${tls.keyFile};
    ssl_client_certificate ${authority.certificateFile};
    ssl_verify_client optional;
    location /bearer/ {
      if ($http_authorization != "Bearer ${token}") { return 401; }
      proxy_pass http://${upstream}/;
    }
    location /small/ {
      client_max_body_size 10;
      proxy_pass http://${upstream}/;
    }
    location /client/ {
      if ($ssl_client_verify != SUCCESS) { return 403; }
      proxy_pass http://${upstream}/;
    }
  }`;
}

/** The example's own, on other ports, and with the receiver in place of the backends. */
function collectorConfig({ healthPort }: { healthPort: number }): object {
  const config = parse(valuesOf(find(elsewhere, 'ConfigMap', 'collector'))['config.yaml'] ?? '');
  config.extensions.health_check.endpoint = `127.0.0.1:${healthPort}`;
  config.receivers.otlp.protocols.http.endpoint = `127.0.0.1:${collectorPort}`;
  for (const exporter of Object.values<Record<string, string>>(config.exporters)) {
    Object.assign(exporter, { endpoint: receiver.url, encoding: 'json', compression: 'none' });
  }
  config.processors.batch.timeout = '50ms';
  config.service.telemetry = { metrics: { level: 'none' } };
  return config;
}

/** With the ConfigMap that the page says to make. */
const withAuthority = (certificate: string): KubernetesObject[] => [
  ...readManifests(kubernetesFolder),
  {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'telemetry-authority' } },
    data: { 'ca.crt': certificate },
  },
];
const shop = withAuthority(authority.certificate);

/** What the manifests name, where it is here. */
const addresses: Record<string, string> = {
  [host]: `127.0.0.1:${nginx?.port}`,
  'redis://redis:6379': redis?.url ?? '',
  'kafka:9092': kafka?.brokers.join(',') ?? '',
  'postgres://shop:change-me@postgres:5432/shop': postgres.url,
};

/** Telemetry leaves at once, and the failures of a minute happen within a second. */
const inHaste = {
  OTEL_BSP_SCHEDULE_DELAY: '100',
  OTEL_BLRP_SCHEDULE_DELAY: '100',
  OTEL_METRIC_EXPORT_INTERVAL: '1000',
};

const start = (options: Partial<PodOptions> & { name: string }) =>
  startPod({ ...{ processes, folder, objects: shop, addresses }, environment: inHaste, ...options });

const tokenOf = (objects: readonly KubernetesObject[]) => {
  const [monitor] = ofKind(objects, 'ServiceMonitor');
  const [endpoint] = monitor?.spec.endpoints ?? [];
  if (!endpoint) throw new Error('There is no ServiceMonitor.');
  const { name, key } = endpoint.authorization.credentials;
  return { endpoint, bearer: valuesOf(find(objects, 'Secret', name))[key] ?? '' };
};

/** As the Prometheus Operator's Prometheus does. */
async function scrape(pod: Pod, bearer = tokenOf(shop).bearer): Promise<{ status: number; text: string }> {
  const { endpoint } = tokenOf(shop);
  const response = await fetch(pod.urlOf(endpoint.port) + endpoint.path, {
    headers: { authorization: `Bearer ${bearer}` },
  });
  return { status: response.status, text: await response.text() };
}

/** Sum of a counter over its series with these labels. */
async function count(pod: Pod, metric: string, label: string): Promise<number> {
  const { text } = await scrape(pod);
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

const ofPod = (pod: Pod) => (item: { resource: Readonly<Record<string, string | undefined>> }) =>
  item.resource['k8s.pod.name'] === pod.facts.name;
const soon = { timeout: 30_000, interval: 50 };
const signals = ['spans', 'log records', 'metric points'];

describe.skipIf(missing.length > 0)('the shop on Kubernetes', () => {
  beforeAll(() => build(processes), 300_000);
  afterAll(async () => {
    await processes.stopAll();
    await receiver.stop();
  });

  describe('with everything as the manifests say', () => {
    let product: Pod;
    let views: Pod;
    let gateway: Pod;
    beforeAll(async () => {
      [product, views] = await Promise.all([start({ name: 'product' }), start({ name: 'views' })]);
      gateway = await start({
        name: 'gateway',
        addresses: { ...addresses, 'http://product:3001': product.urlOf('http') },
      });
    }, 120_000);
    afterAll(async () => {
      for (const pod of [gateway, views, product]) expect(await pod.stop()).toMatchObject({ code: 0 });
    }, 60_000);

    test('traces, lines and pushed metrics arrive through TLS, prefix, password and gzip', async () => {
      const made = await fetch(`${gateway.urlOf('http')}/shop/products`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ sku: 'PEN-02', name: 'Fountain pen', priceCents: 2900 }),
      });
      expect(made.status).toBe(201);
      const { id } = (await made.json()) as { id: number };
      const read = await fetch(`${gateway.urlOf('http')}/shop/products/${id}`);
      expect(read.status).toBe(200);

      const pods = [gateway, product, views];
      const shown = await vi.waitFor(() => {
        const line = receiver.logs.find(
          (record) => ofPod(gateway)(record) && record.body?.stringValue === 'Product shown.',
        );
        if (!line) throw new Error('The line has not arrived.');
        return line;
      }, soon);
      // One trace, from the gateway to the consumer behind the broker.
      await vi.waitFor(() => {
        const trace = receiver.spans.filter(({ traceId }) => traceId === shown.traceId);
        expect(new Set(trace.map(({ resource }) => resource['k8s.pod.name']))).toEqual(
          new Set(pods.map(({ facts }) => facts.name)),
        );
      }, soon);
      await vi.waitFor(() => {
        for (const pod of pods) {
          const names = receiver.metrics.filter(ofPod(pod)).map(({ name }) => name);
          expect(names).toContain('process_resident_memory_bytes');
        }
        const names = receiver.metrics.filter(ofPod(gateway)).map(({ name }) => name);
        expect(names).toContain('http_server_request_duration_seconds');
      }, soon);

      // All three say who they come from, in the same words.
      for (const pod of pods) {
        const { name, uid } = pod.facts;
        const identity = {
          'service.name': pod.container.name,
          'service.namespace': 'shop',
          'service.version': '0.1.0',
          'service.instance.id': `shop.${name}.${pod.container.name}`,
          'deployment.environment.name': 'production',
          team: find(shop, 'Deployment', pod.container.name).metadata.labels?.team,
          'k8s.cluster.name': 'shop-eu',
          'k8s.namespace.name': 'shop',
          'k8s.deployment.name': pod.container.name,
          'k8s.pod.name': name,
          'k8s.pod.uid': uid,
          'k8s.container.name': pod.container.name,
          'k8s.node.name': 'node-1',
        };
        for (const items of [receiver.spans, receiver.logs, receiver.metrics]) {
          const [item] = items.filter(ofPod(pod));
          expect(item?.resource).toMatchObject(identity);
        }
      }

      // nginx saw what it was meant to see.
      const requests = nginx?.requests() ?? [];
      expect(new Set(requests.map(({ path }) => path))).toEqual(
        new Set(['/otel/v1/traces', '/otel/v1/logs', '/otel/v1/metrics']),
      );
      for (const request of requests) {
        expect(request).toMatchObject({ status: 200, user: 'shop', encoding: 'gzip' });
      }
      for (const pod of pods) {
        expect(await count(pod, 'throughline_spans_total', 'result="exported"')).toBeGreaterThan(0);
        for (const what of ['spans', 'log_records', 'metric_points']) {
          expect(await count(pod, `throughline_${what}_total`, 'result="failed"')).toBe(0);
          expect(await count(pod, `throughline_${what}_total`, 'result="dropped"')).toBe(0);
        }
        expect(pod.logLines().filter(({ code }) => code !== undefined)).toEqual([]);
      }
    });

    test('probes need no token, a scrape does', async () => {
      for (const pod of [gateway, product, views]) {
        const { livenessProbe, readinessProbe } = pod.container;
        expect([livenessProbe.httpGet.path, readinessProbe.httpGet.path]).toEqual(['/livez', '/readyz']);
        expect([await pod.probe(livenessProbe), await pod.probe(readinessProbe)]).toEqual([200, 200]);
        expect((await scrape(pod, 'wrong')).status).toBe(401);
        const { status, text } = await scrape(pod);
        expect(status).toBe(200);
        expect(text).toMatch(
          new RegExp(`^process_resident_memory_bytes\\{service_name="${pod.container.name}",.*team="`, 'm'),
        );
      }
    });

    test('probes make neither traces nor requests', async () => {
      const seen = receiver.spans.filter(ofPod(product)).map(({ name }) => name);
      for (let i = 0; i < 5; i++) expect(await product.probe(product.container.readinessProbe)).toBe(200);
      // A span of its own comes after them, and arrives.
      await fetch(`${product.urlOf('http')}/products`);
      await vi.waitFor(() => {
        const since = receiver.spans.filter(ofPod(product)).slice(seen.length);
        expect(since.map(({ name }) => name)).toContain('GET /products');
        expect(since.filter(({ name }) => /readyz|^SELECT 1/.test(name))).toEqual([]);
      }, soon);
    });

    test('without its database a service is not ready, and is left alive', async () => {
      const lost = await startPodWithoutDatabase();
      await vi.waitFor(
        async () => expect(await lost.pod.probe(lost.pod.container.readinessProbe)).toBe(503),
        soon,
      );
      expect(await lost.pod.probe(lost.pod.container.livenessProbe)).toBe(200);
      lost.back();
      await vi.waitFor(
        async () => expect(await lost.pod.probe(lost.pod.container.readinessProbe)).toBe(200),
        soon,
      );
      await lost.pod.stop();
    });
  });

  /** A way to the database that can be cut. */
  async function startPodWithoutDatabase(): Promise<{ pod: Pod; back: () => void }> {
    const { connect } = await import('node:net');
    const database = new URL(postgres.url);
    let isCut = false;
    const sockets = new Set<{ destroy(): void }>();
    const way = createTcpServer((socket) => {
      if (isCut) return void socket.destroy();
      const onward = connect(Number(database.port), database.hostname);
      socket.pipe(onward).pipe(socket);
      for (const end of [socket, onward]) {
        sockets.add(end);
        end.on('error', () => {});
        end.on('close', () => {
          socket.destroy();
          onward.destroy();
        });
      }
    });
    await new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve));
    way.unref();
    const through = new URL(postgres.url);
    through.port = String((way.address() as AddressInfo).port);
    const pod = await start({
      name: 'product',
      addresses: { ...addresses, 'postgres://shop:change-me@postgres:5432/shop': through.href },
    });
    isCut = true;
    for (const socket of sockets) socket.destroy();
    return {
      pod,
      back: () => {
        isCut = false;
      },
    };
  }

  /** A product service that answers at once, or when it is told to. */
  async function standInProduct({ waits = false } = {}) {
    const waiting: (() => void)[] = [];
    const server = createServer((_request, response) => {
      const answer = () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      if (waits) waiting.push(answer);
      else answer();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.unref();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { addresses: { ...addresses, 'http://product:3001': url }, waiting };
  }
  const order = async (pod: Pod) => (await fetch(`${pod.urlOf('http')}/shop/products/7`)).status;
  const orderSpan = 'GET /shop/products/:id';

  describe('what goes wrong on the way', () => {
    const wrongPassword = withValues(shop, 'Secret', 'telemetry-credentials', {
      OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Basic%20${btoa('shop:wrong')}`,
    });
    const wrongAuthority = withAuthority(
      createAuthority(join(folder, 'another-authority'), 'Another authority').certificate,
    );

    test.each([
      ['a wrong password', wrongPassword, /401 Unauthorized/],
      [
        'a wrong authority',
        wrongAuthority,
        /SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT/,
      ],
    ])('%s is counted and said once, and the service serves', async (_name, objects, reason) => {
      const product = await standInProduct();
      const pod = await start({ name: 'gateway', objects, addresses: product.addresses });
      // Several exports of each signal fail.
      for (let round = 1; round <= 3; round++) {
        const failed = await count(pod, 'throughline_spans_total', 'result="failed"');
        expect(await order(pod)).toBe(200);
        await vi.waitFor(async () => {
          expect(await count(pod, 'throughline_spans_total', 'result="failed"')).toBeGreaterThan(failed);
          expect(await count(pod, 'throughline_log_records_total', 'result="failed"')).toBeGreaterThan(0);
          expect(await count(pod, 'throughline_metric_points_total', 'result="failed"')).toBeGreaterThan(0);
        }, soon);
      }
      expect(await count(pod, 'throughline_spans_total', 'result="exported"')).toBe(0);
      for (const items of [receiver.spans, receiver.logs, receiver.metrics]) {
        expect(items.filter(ofPod(pod))).toEqual([]);
      }
      expect(await pod.probe(pod.container.readinessProbe)).toBe(200);

      const said = pod.logLines().filter(({ level }) => level === 'warn');
      for (const signal of signals) {
        const lines = said.filter(({ message }) =>
          new RegExp(`^${signal} cannot be sent`, 'i').test(String(message)),
        );
        expect(lines).toHaveLength(1);
        expect(lines[0]?.code).toMatch(/^OBS_\w+_FAILED$/);
        expect(lines[0]?.fix).toContain('OTEL_EXPORTER_OTLP_CERTIFICATE');
        expect(lines[0]?.message).toMatch(reason);
      }
      expect(said).toHaveLength(signals.length);
      // The password itself is in no line.
      expect(JSON.stringify(pod.logLines())).not.toContain(btoa('shop:wrong'));
      expect(await pod.stop()).toMatchObject({ code: 0 });
    });

    test.each([
      ['a prefix that is missing', `https://127.0.0.1:${nginx?.port}`, /404 Not Found/],
      [
        'a certificate for another name',
        `https://localhost:${nginx?.port}/otel`,
        /ERR_TLS_CERT_ALTNAME_INVALID/,
      ],
      [
        'an ingress that takes small bodies only',
        `https://127.0.0.1:${otherPort}/small`,
        /413 Request Entity Too Large/,
      ],
    ])('%s is said in the words of the page', async (_name, endpoint, reason) => {
      const objects = withValues(shop, 'ConfigMap', 'telemetry', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
      const pod = await start({ name: 'gateway', objects });
      await vi.waitFor(() => {
        const said = pod.logLines().find(({ code }) => code === 'OBS_EXPORT_FAILED');
        expect(said?.message).toMatch(reason);
      }, soon);
      await pod.stop();
    });

    test('a certificate that is not mounted is said, and the service starts', async () => {
      const objects = withValues(shop, 'ConfigMap', 'telemetry', {
        OTEL_EXPORTER_OTLP_CERTIFICATE: '/etc/elsewhere/ca.crt',
      });
      const pod = await start({ name: 'gateway', objects });
      expect(
        pod
          .logLines()
          .filter(({ code }) => code === 'OBS_ENVIRONMENT_INVALID')
          .at(0)?.message,
      ).toMatch(/OTEL_EXPORTER_OTLP_CERTIFICATE=.*takes a file that can be read \(ENOENT\)/);
      await pod.stop();
    });
  });

  describe('other ways in', () => {
    const client = authority.issue('shop-eu');

    test.each([
      ['a bearer token', 'bearer', { OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer%20${token}` }, {}],
      [
        'a client certificate',
        'client',
        { OTEL_EXPORTER_OTLP_HEADERS: '' },
        {
          OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: client.certificateFile,
          OTEL_EXPORTER_OTLP_CLIENT_KEY: client.keyFile,
        },
      ],
    ])('%s', async (_name, prefix, secret, environment) => {
      const objects = withValues(
        withValues(shop, 'Secret', 'telemetry-credentials', secret),
        ...(['ConfigMap', 'telemetry'] as const),
        { OTEL_EXPORTER_OTLP_ENDPOINT: `https://127.0.0.1:${otherPort}/${prefix}` },
      );
      const product = await standInProduct();
      const pod = await start({
        ...{ name: 'gateway', objects, addresses: product.addresses },
        environment: { ...inHaste, ...environment },
      });
      expect(await order(pod)).toBe(200);
      await vi.waitFor(() => {
        for (const items of [receiver.spans, receiver.logs, receiver.metrics]) {
          expect(items.filter(ofPod(pod))).not.toHaveLength(0);
        }
      }, soon);
      await pod.stop();
      for (const request of nginx?.requests().filter(({ path }) => path.startsWith(`/${prefix}/`)) ?? []) {
        expect(request).toMatchObject({ status: 200, encoding: 'gzip' });
      }
    });
  });

  describe('the end', () => {
    test('SIGTERM: not ready first, then the last request, then the last telemetry', async () => {
      const product = await standInProduct({ waits: true });
      // Only the end sends.
      const environment = { OTEL_BSP_SCHEDULE_DELAY: '60000', OTEL_BLRP_SCHEDULE_DELAY: '60000' };
      const pod = await start({
        ...{ name: 'gateway', environment },
        addresses: product.addresses,
      });
      const answer = fetch(`${pod.urlOf('http')}/shop/products/7`);
      await vi.waitFor(() => expect(product.waiting).toHaveLength(1), soon);

      const end = pod.stop();
      const { readinessProbe, livenessProbe } = pod.container;
      await vi.waitFor(async () => expect(await pod.probe(readinessProbe)).toBe(503), soon);
      // A pod that drains is not to be killed, and is scraped to the last.
      expect(await pod.probe(livenessProbe)).toBe(200);
      expect((await scrape(pod)).status).toBe(200);

      product.waiting[0]?.();
      expect((await answer).status).toBe(200);
      expect(await end).toMatchObject({ code: 0 });
      await vi.waitFor(() => {
        expect(receiver.spans.filter(ofPod(pod)).map(({ name }) => name)).toContain(orderSpan);
        expect(receiver.logs.filter(ofPod(pod)).map(({ body }) => body?.stringValue)).toContain(
          'Product shown.',
        );
        expect(receiver.metrics.filter(ofPod(pod)).map(({ name }) => name)).toContain(
          'http_server_request_duration_seconds',
        );
      }, soon);
    });

    test('the grace period is enough for the last request and for an ingress that hangs', async () => {
      const product = await standInProduct({ waits: true });
      const hanging = createTcpServer(() => {});
      await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
      hanging.unref();
      const pod = await start({
        name: 'gateway',
        addresses: {
          ...product.addresses,
          [host]: `127.0.0.1:${(hanging.address() as AddressInfo).port}`,
        },
      });
      // Its caller never gets an answer.
      const answer = fetch(`${pod.urlOf('http')}/shop/products/7`).catch(() => undefined);
      await vi.waitFor(() => expect(product.waiting).toHaveLength(1), soon);
      expect(await pod.stop()).toMatchObject({ code: 0 });
      await answer;
    });

    test('a service that never calls shutdown ends too, whatever hangs', async () => {
      const hanging = createTcpServer(() => {});
      await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
      hanging.unref();
      const script = join(root, 'examples/shop/.closes-its-server.mjs');
      writeFileSync(
        script,
        `import { createServer } from 'node:http';
        import { initObservability } from '@throughline/core';
        initObservability({ metrics: { endpoint: false }, shutdown: { timeoutMillis: 500 }, logs: { destinations: ['otlp'] } });
        const server = createServer((request, response) => response.end()).listen(0, '127.0.0.1', () => {
          fetch('http://127.0.0.1:' + server.address().port).then(() => console.log('ready'));
        });
        process.on('SIGTERM', () => { server.close(); server.closeAllConnections(); });`,
      );
      try {
        const service = processes.start('a service', process.execPath, [script], {
          env: {
            PATH: process.env.PATH,
            OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`,
            OTEL_METRICS_EXPORTER: 'otlp',
            OTEL_BSP_SCHEDULE_DELAY: '1',
            // An export may take ten minutes, the end may not.
            OTEL_EXPORTER_OTLP_TIMEOUT: '600000',
          },
          graceMillis: 25_000,
        });
        await service.fromLine((line: string) => line === 'ready' || undefined);
        expect(await service.stop()).toMatchObject({ code: 0 });
      } finally {
        rmSync(script);
      }
    });

    test('a crash: its line and trace go the same way', async () => {
      const bomb = join(folder, 'bomb.mjs');
      writeFileSync(bomb, "process.once('SIGUSR2', () => { throw new TypeError('out of ink'); });\n");
      const pod = await start({
        ...{ name: 'gateway', addresses: (await standInProduct()).addresses },
        stopSignal: 'SIGUSR2',
        environment: {
          OTEL_BSP_SCHEDULE_DELAY: '60000',
          OTEL_BLRP_SCHEDULE_DELAY: '60000',
          NODE_OPTIONS: `--import=${bomb}`,
        },
      });
      expect(await order(pod)).toBe(200);
      expect((await pod.stop()).code).not.toBe(0);
      await vi.waitFor(() => {
        expect(receiver.spans.filter(ofPod(pod)).map(({ name }) => name)).toContain(orderSpan);
        expect(JSON.stringify(receiver.logs.filter(ofPod(pod)))).toContain('out of ink');
      }, soon);
    });
  });
});
