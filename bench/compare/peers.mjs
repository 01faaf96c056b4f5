/*
 * What is compared: the bare service, Throughline, and the peers. Each peer is set up as its own pages say. It is
 * installed into the user's cache folder; nothing of it becomes a part of this repository. Licences: Apache-2.0
 * (OpenTelemetry, EDOT, New Relic), Apache-2.0 or BSD-3-Clause (dd-trace), MIT (Sentry, autocannon).
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cacheFolder } from '@throughline/testbed/paths';

const setups = fileURLToPath(new URL('setups/', import.meta.url));
const [nodeMajor] = process.versions.node.split('.').map(Number);

const openTelemetryPackages = ({ sdk, express, pg, undici, winston, kafkajs }) => ({
  '@opentelemetry/api': '1.9.1',
  '@opentelemetry/sdk-node': sdk,
  '@opentelemetry/sdk-metrics': sdk === '0.223.0' ? '2.12.0' : '3.1.0',
  '@opentelemetry/exporter-trace-otlp-proto': sdk,
  '@opentelemetry/exporter-metrics-otlp-proto': sdk,
  '@opentelemetry/instrumentation-http': sdk,
  '@opentelemetry/instrumentation-express': express,
  '@opentelemetry/instrumentation-pg': pg,
  '@opentelemetry/instrumentation-undici': undici,
  '@opentelemetry/instrumentation-winston': winston,
  '@opentelemetry/instrumentation-kafkajs': kafkajs,
});

const otlpEnvironment = ({ url, sampled }) => ({
  OTEL_SERVICE_NAME: 'bench',
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  ...(sampled ? { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' } : {}),
});

const resolved = (folder, name) => createRequire(join(folder, 'package.json')).resolve(name);

/**
 * `packages` are those of the newest version that runs on this Node; `needsNode` is the lowest major version that
 * it runs on. `sink` is what takes its telemetry. `start` gives the arguments of Node, and `environment` what the
 * service is started with. `records` says what the set-up delivers.
 */
export const variants = {
  bare: { title: 'bare', records: 'nothing', sink: 'otlp', start: () => [], environment: () => ({}) },
  throughline: {
    title: 'Throughline',
    records: 'spans, metrics with exemplars (scraped), correlated log lines with redaction',
    sink: 'otlp',
    start: () => ['--require', join(setups, 'throughline.cjs')],
    environment: otlpEnvironment,
  },
  preloaded: {
    title: 'Throughline, preloaded',
    records: "the same; the service's code is not changed, so winston's lines get the trace only",
    sink: 'otlp',
    start: () => ['--import', import.meta.resolve('@throughline/core/register')],
    environment: (options) => ({ ...otlpEnvironment(options), OTEL_EXPORTER_PROMETHEUS_PORT: '0' }),
  },
  'otel-2': {
    title: 'OpenTelemetry 2',
    records: 'spans, metrics (pushed by OTLP), correlated log lines',
    sink: 'otlp',
    packages: openTelemetryPackages({
      sdk: '0.223.0',
      express: '0.71.1',
      pg: '0.76.0',
      undici: '0.33.0',
      winston: '0.68.1',
      kafkajs: '0.32.0',
    }),
    setup: 'opentelemetry.cjs',
    start: (folder) => ['--require', join(folder, 'opentelemetry.cjs')],
    environment: otlpEnvironment,
  },
  'otel-3': {
    title: 'OpenTelemetry 3',
    records: 'spans, metrics (pushed by OTLP), correlated log lines',
    sink: 'otlp',
    needsNode: 22,
    packages: {
      ...openTelemetryPackages({
        sdk: '0.301.0',
        express: '0.72.0',
        pg: '0.77.0',
        undici: '0.34.0',
        winston: '0.69.0',
        kafkajs: '0.33.0',
      }),
      '@opentelemetry/api': '1.10.0',
    },
    setup: 'opentelemetry.cjs',
    start: (folder) => ['--require', join(folder, 'opentelemetry.cjs')],
    environment: otlpEnvironment,
  },
  auto: {
    title: 'auto-instrumentations-node',
    records: 'spans, metrics and log records (pushed by OTLP), correlated log lines',
    sink: 'otlp',
    packages: {
      '@opentelemetry/api': nodeMajor < 22 ? '1.9.1' : '1.10.0',
      '@opentelemetry/auto-instrumentations-node': nodeMajor < 22 ? '0.81.2' : '0.82.0',
    },
    start: (folder) => ['--require', resolved(folder, '@opentelemetry/auto-instrumentations-node/register')],
    environment: otlpEnvironment,
  },
  edot: {
    title: 'EDOT (Elastic)',
    records: 'spans, metrics and log records (pushed by OTLP), correlated log lines',
    sink: 'otlp',
    packages: { '@elastic/opentelemetry-node': '1.18.0' },
    start: (folder) => [
      '--import',
      pathToFileURL(join(folder, 'node_modules/@elastic/opentelemetry-node/import.mjs')).href,
    ],
    environment: otlpEnvironment,
  },
  'dd-trace': {
    title: 'dd-trace',
    records: "spans, request statistics (computed by Datadog's agent), correlated log lines",
    sink: 'datadog',
    packages: { 'dd-trace': nodeMajor < 22 ? '5.132.0' : '6.21.0' },
    start: (folder) => ['--require', resolved(folder, 'dd-trace/init')],
    environment: ({ url, sampled }) => ({
      DD_TRACE_AGENT_URL: url,
      DD_SERVICE: 'bench',
      DD_ENV: 'bench',
      DD_LOGS_INJECTION: 'true',
      ...(sampled ? { DD_TRACE_SAMPLE_RATE: '0.01' } : {}),
    }),
  },
  sentry: {
    title: 'Sentry',
    records: 'errors, spans; no metrics; log lines are not changed',
    sink: 'sentry',
    packages: { '@sentry/node': '11.12.0' },
    setup: 'sentry.cjs',
    start: (folder) => ['--require', join(folder, 'sentry.cjs')],
    environment: ({ url, sampled }) => ({
      SENTRY_DSN: url.replace('//', '//0123456789abcdef0123456789abcdef@').concat('/1'),
      SENTRY_TRACES_SAMPLE_RATE: sampled ? '0.01' : '1',
    }),
  },
  newrelic: {
    title: 'New Relic',
    records: 'metrics, correlated and forwarded log lines; spans of a sample that the agent chooses',
    sink: 'newrelic',
    packages: { newrelic: nodeMajor < 22 ? '13.20.0' : '14.5.1' },
    setup: 'newrelic.cjs',
    start: (folder) => ['--require', resolved(folder, 'newrelic')],
    environment: ({ url, certificateFile }, folder) => ({
      NEW_RELIC_HOME: folder,
      NEW_RELIC_CONFIG_FILENAME: 'newrelic.cjs',
      NEW_RELIC_APP_NAME: 'bench',
      NEW_RELIC_LICENSE_KEY: '0123456789abcdef0123456789abcdef01234567',
      NEW_RELIC_HOST: 'localhost',
      NEW_RELIC_PORT: new URL(url).port,
      NEW_RELIC_LOG_ENABLED: 'false',
      BENCH_CERTIFICATE: certificateFile,
    }),
  },
};

/**
 * Installs a peer, once for each set of versions.
 *
 * @returns the folder, or undefined for a variant that needs none
 */
export async function install(name) {
  const { packages, setup, needsNode = 0 } = variants[name];
  if (nodeMajor < needsNode) throw new Error(`needs Node ${needsNode} or later; this is ${process.version}`);
  if (!packages) return undefined;
  const manifest = JSON.stringify({ private: true, dependencies: packages }, undefined, 2);
  const version = createHash('sha256').update(manifest).digest('hex').slice(0, 8);
  const folder = join(cacheFolder, 'bench-peers', `${name}-${version}`);
  if (!existsSync(folder)) {
    // Under another name until it is complete: the command may be interrupted.
    const unfinished = `${folder}.${process.pid}`;
    mkdirSync(unfinished, { recursive: true });
    writeFileSync(join(unfinished, 'package.json'), manifest);
    try {
      await npmInstall(unfinished);
      renameSync(unfinished, folder);
    } catch (error) {
      rmSync(unfinished, { recursive: true, force: true });
      throw error;
    }
  }
  // Beside the packages that it loads.
  if (setup) copyFileSync(join(setups, setup), join(folder, setup));
  return folder;
}

function npmInstall(folder) {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: process.platform === 'win32',
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      complaint += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`npm install failed: ${complaint.trim().slice(0, 300)}`)),
    );
  });
}

/** The name and version of what a variant measures, such as `dd-trace 6.21.0`. */
export function versionOf(name) {
  const { packages } = variants[name];
  if (!packages) return undefined;
  const main = Object.keys(packages).find((each) => each !== '@opentelemetry/api');
  return `${main} ${packages[main]}`;
}

/** autocannon, for machines without wrk. */
export async function installAutocannon() {
  const version = '8.0.0';
  const folder = join(cacheFolder, 'bench-peers', `autocannon-${version}`);
  if (!existsSync(join(folder, 'node_modules'))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ private: true, dependencies: { autocannon: version } }),
    );
    await npmInstall(folder);
  }
  return join(folder, 'node_modules/autocannon/autocannon.js');
}

/** A certificate for the stand-in of a collector that is only reached through TLS. */
export function certificateFiles(folder) {
  const certificateFile = join(folder, 'localhost.crt');
  const keyFile = join(folder, 'localhost.key');
  if (!readdirSync(folder).includes('localhost.crt')) {
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-days', '2', '-nodes', '-subj', '/CN=localhost', '-newkey', 'ec', '-pkeyopt'],
        ...['ec_paramgen_curve:prime256v1', '-addext', 'subjectAltName=DNS:localhost'],
        ...['-keyout', keyFile, '-out', certificateFile],
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
  }
  return { certificateFile, keyFile };
}
