/*
 * Runs the shop of examples/shop with everything it needs: PostgreSQL, Redis, Kafka, the page of
 * `throughline dev`, its services and a little load. Ctrl-C stops it all and leaves nothing behind.
 *
 *   npm run demo                 opens the shop for a look around
 *   npm run demo -- --check      drives it, checks what it left in traces, logs and metrics, and ends
 *   npm run demo -- --pictures   takes the pictures of the documentation, and ends
 *
 * Before the workspace is installed only Node is available, so these files use only its built-in modules.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { kafkaHint, startKafka } from '../testbed/src/kafka.mjs';
import { anyFreePort, freeOrAny } from '../testbed/src/ports.mjs';
import { startPostgres, usePostgres } from '../testbed/src/postgres.mjs';
import { createProcesses } from '../testbed/src/processes.mjs';
import { redisHint, startRedis } from '../testbed/src/redis.mjs';
import { createReport, runChecks } from './demo/checks.mjs';
import { startLoad } from './demo/load.mjs';
import { startPage } from './demo/page.mjs';
import { startService } from './demo/services.mjs';
import { createSteps } from './demo/steps.mjs';
import { drawTrace, wayThroughShop } from './demo/trace.mjs';
import { build, installDependencies } from './demo/workspace.mjs';

const usage = `Usage: npm run demo [-- --check | --pictures]

  --check     drive the demo, check what it left in traces, logs and metrics, and end
  --pictures  take the pictures of the documentation, and end

Environment:
  POSTGRES_URL   use this PostgreSQL instead of a throw-away one
  REDIS_URL      use this Redis instead of a throw-away one
  KAFKA_BROKERS  use these brokers (host:port, separated by commas) instead of a throw-away one
`;

const oldestNode = [20, 19];
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** Thrown everywhere when the person or the system asks the demo to end. */
class Interruption extends Error {
  constructor(signal) {
    super(signal);
    this.signal = signal;
  }
}

async function main() {
  const options = readOptions();
  if (!options) return;
  const { stdout } = process;
  const interruption = interruptBySignals();
  const { signal } = interruption;
  const processes = createProcesses();
  interruption.onSecond(() => processes.killAll());
  const step = createSteps({ stdout, signal });
  const report = createReport(stdout);

  // What has to be undone at the end, last first.
  const stops = [];
  const folder = mkdtempSync(join(tmpdir(), 'throughline-demo-'));
  // Another user runs PostgreSQL when root runs the demo.
  chmodSync(folder, 0o711);
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

  try {
    const isUnattended = options.check || options.pictures;
    const parts = await start({ check: isUnattended, folder, processes, step, stops });
    if (options.check) {
      stdout.write('\n');
      await runChecks({ ...parts, report, signal });
    } else if (options.pictures) {
      const load = startLoad(parts.gateway.url);
      stops.push(['the load', load.stop]);
      // Loaded here, because it needs the dependencies.
      const { takePictures } = await import('./demo/pictures.mjs');
      await takePictures({ ...parts, stdout, signal });
    } else {
      await present({ ...parts, folder, stdout, stops, signal });
    }
  } catch (error) {
    if (error instanceof Interruption) {
      const isOver = error.isPresented && error.signal === 'SIGINT';
      process.exitCode = isOver ? 0 : (exitCodes[error.signal] ?? 1);
    } else if (options.check) {
      report.missing('the demo runs', error);
    } else {
      stdout.write(`\n${error.message}\n`);
      process.exitCode = 1;
    }
  }

  const stopFailures = await stopAll({ stops, processes, folder });
  if (signal.aborted || !options.check) {
    stdout.write(`\nEverything is stopped${stopFailures.map((f) => `; ${f}`).join('')}.\n`);
    return;
  }
  const ending = 'everything stops, and no process and no file is left';
  if (stopFailures.length === 0) report.passed(ending);
  else report.missing(ending, new Error(stopFailures.join('; ')));
  const { passed, failed } = report.counts;
  stdout.write(`\n${passed} passed, ${failed} failed\n`);
  if (failed > 0) process.exitCode = 1;
}

function readOptions() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    process.stdout.write(
      `The demo needs Node ${oldestNode.join('.')} or newer; this is ${process.version}.\n`,
    );
    process.exitCode = 1;
    return undefined;
  }
  try {
    const { values } = parseArgs({
      options: {
        check: { type: 'boolean', default: false },
        pictures: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (!values.help) return values;
    process.stdout.write(usage);
  } catch (error) {
    process.stdout.write(`${error.message}\n\n${usage}`);
    process.exitCode = 2;
  }
  return undefined;
}

function interruptBySignals() {
  const controller = new AbortController();
  let onSecond = () => {};
  let firstMillis;
  for (const name of Object.keys(exitCodes)) {
    process.on(name, () => {
      firstMillis ??= performance.now();
      controller.abort(new Interruption(name));
      // npm passes on a Ctrl-C that the terminal has already sent to all; only a later one means impatience.
      if (performance.now() - firstMillis > 1_000) onSecond();
    });
  }
  // A SIGTERM to `npm run` ends npm and its shell and never gets here; being orphaned does.
  if (process.env.npm_lifecycle_event) {
    const parent = process.ppid;
    const watch = () => process.ppid !== parent && controller.abort(new Interruption('SIGTERM'));
    setInterval(watch, 500).unref();
  }
  return {
    signal: controller.signal,
    onSecond: (listener) => {
      onSecond = listener;
    },
  };
}

async function start({ check, folder, processes, step, stops }) {
  // The check takes any free ports, so that nothing on the machine can get in its way.
  const choosePort = (port) => (check ? 0 : freeOrAny(port));

  // Kafka takes longest to start, and needs nothing of what comes before it.
  const kafkaStarting = startKafka({ processes, folder });
  kafkaStarting.catch(() => {});

  await step('Install dependencies', () => installDependencies(processes));
  await step('Build packages and services', () => build(processes));

  let postgresUrl;
  await step('Start PostgreSQL', async () => {
    const own = process.env.POSTGRES_URL;
    const postgres = own ? await useGivenPostgres(own) : await startThrowAwayPostgres({ processes, folder });
    stops.push(['PostgreSQL', postgres.stop]);
    postgresUrl = postgres.url;
    return own ? 'yours, from POSTGRES_URL' : undefined;
  });

  let redis;
  await step('Start Redis', async () => {
    redis = await startRedis({ processes, folder });
    if (redis) stops.push(['Redis', redis.stop]);
    else if (check && process.env.CI) throw new Error(`There is no Redis: ${redisHint}.`);
    return redis ? undefined : `off, products are not cached: ${redisHint}`;
  });

  let kafka;
  await step('Start Kafka', async () => {
    try {
      kafka = await kafkaStarting;
    } catch (error) {
      if (check) throw error;
      return `off, views are not counted: ${error.message.split('\n')[0]}`;
    }
    if (kafka) stops.push(['Kafka', kafka.stop]);
    else if (check && process.env.CI) throw new Error(`There is no Kafka broker: ${kafkaHint}.`);
    return kafka ? undefined : `off, views are not counted: ${kafkaHint}`;
  });

  // The page reads these from the beginning, so they are chosen before the services start.
  const metricsPorts = {};
  for (const [name, port] of Object.entries({ gateway: 9464, product: 9465, views: 9466 })) {
    metricsPorts[name] = (await choosePort(port)) || (await anyFreePort());
  }
  const controlToken = randomBytes(24).toString('hex');
  let page;
  await step('Start the page', async () => {
    page = await startPage({
      ...{ processes, folder, controlToken, port: await choosePort(4318) },
      metricsUrls: Object.values(metricsPorts).map((port) => `http://127.0.0.1:${port}/metrics`),
    });
    stops.push(['the page', page.stop]);
    return page.url;
  });

  // Keeps what it gets in memory, so only for the check.
  let profiles;
  if (check) {
    const { startPyroscopeIntake } = await import('../testbed/src/pyroscope-intake.mjs');
    profiles = await startPyroscopeIntake();
    stops.push(['the intake of profiles', profiles.stop]);
  }
  const profiled = profiles && { THROUGHLINE_PROFILES_ENDPOINT: profiles.url };

  const startOne = async (name, port, environment) => {
    const service = await startService({
      ...{ processes, folder, name, controlToken, otlpUrl: page.url },
      environment: { ...environment, ...profiled },
      port: await choosePort(port),
      metricsPort: metricsPorts[name],
    });
    stops.push([name, () => stopService(service)]);
    return service;
  };
  let product;
  let gateway;
  await step('Start product', async () => {
    product = await startOne('product', 3001, {
      POSTGRES_URL: postgresUrl,
      REDIS_URL: redis?.url ?? '',
      KAFKA_BROKERS: kafka?.brokers.join(',') ?? '',
    });
    return product.url;
  });
  let views;
  if (kafka) {
    await step('Start views', async () => {
      views = await startOne('views', 3002, {
        POSTGRES_URL: postgresUrl,
        KAFKA_BROKERS: kafka.brokers.join(','),
      });
      return views.url;
    });
  }
  await step('Start gateway', async () => {
    gateway = await startOne('gateway', 3000, { PRODUCT_URL: product.url });
    return gateway.url;
  });
  return { page, product, gateway, views, profiles, controlToken, hasRedis: redis !== undefined };
}

async function startThrowAwayPostgres(context) {
  try {
    return await startPostgres(context);
  } catch (error) {
    throw new Error(
      `PostgreSQL could not be started: ${error.message}\nTo use a PostgreSQL of your own: POSTGRES_URL=postgres://user:password@host:5432/database npm run demo`,
    );
  }
}

async function useGivenPostgres(url) {
  try {
    return await usePostgres(url);
  } catch (error) {
    throw new Error(
      `The PostgreSQL of POSTGRES_URL could not be used: ${error.message || error.code}\nWithout POSTGRES_URL the demo starts a PostgreSQL itself.`,
    );
  }
}

async function stopService(service) {
  const { code, reason } = await service.stop();
  if (code !== 0) throw new Error(`it ended with ${reason}`);
}

/** Says what to open and stays until it is interrupted or a service ends. */
async function present({ page, gateway, product, views, folder, stdout, stops, signal }) {
  const load = startLoad(gateway.url);
  stops.push(['the load', load.stop]);
  const lines = [
    ...['', 'Ready. A few requests a second run over all routes. Ctrl-C stops everything.', ''],
    `  Traces, metrics and logs  ${page.link}`,
    '',
  ];
  lines.push(
    `  Gateway          ${gateway.url}/shop/products`,
    `  Metrics          ${gateway.metricsUrl}  (gateway)`,
    `                   ${product.metricsUrl}  (product)`,
    ...(views ? [`                   ${views.metricsUrl}  (views)`] : []),
    `  Log lines        ${join(folder, 'gateway.log')}`,
    `                   ${join(folder, 'product.log')}`,
    ...(views ? [`                   ${join(folder, 'views.log')}`] : []),
    '',
  );
  const wanted = views ? ['database', 'counted'] : ['database'];
  const context = { gateway, page, signal };
  lines.push(...(await presentTrace('One request', '/shop/products/1', wanted, context)));
  lines.push(...(await presentTrace('One that fails', '/shop/checkout', ['database'], context)));
  lines.push(
    'The trace id is in the log lines and in the exemplars of the metrics, too:',
    `  curl -s -H 'Accept: application/openmetrics-text' ${gateway.metricsUrl} | grep trace_id`,
    '',
  );
  stdout.write(`${lines.join('\n')}\n`);

  const interrupted = new Promise((_, reject) => {
    const onAbort = () => reject(Object.assign(signal.reason, { isPresented: true }));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
  const ended = [gateway, product, ...(views ? [views] : [])].map(async (service) => {
    const { reason } = await service.ended;
    const last = service.lines.slice(-5).join('\n');
    throw new Error(`${service.name} ended by itself (${reason}). Its last lines:\n${last}`);
  });
  page.ended.then(({ reason }) => {
    if (!signal.aborted)
      stdout.write(`The page ended by itself (${reason}); the services run on without it.\n`);
  });
  for (const end of ended) end.catch(() => {});
  await Promise.race([interrupted, ...ended]);
}

/** @param wanted spans that such a trace has when it is complete */
async function presentTrace(title, path, wanted, { gateway, page, signal }) {
  // The first request of a route also pays for connections and compilation; the second is a usual one.
  for (let n = 0; n < 2; n++) await fetch(gateway.url + path, { signal }).then((r) => r.arrayBuffer());
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) {
    signal.throwIfAborted();
    const traces = await page.tracesWith('url.path', path);
    const complete = traces.find(({ spans }) => {
      const way = wayThroughShop(spans);
      return wanted.every((name) => way[name]);
    });
    if (complete) {
      return [
        `${title}, GET ${path}, is trace ${complete.traceId}:`,
        `  ${page.traceUrl(complete.traceId)}`,
        ...drawTrace(complete.spans).map((line) => `    ${line}`),
        '',
      ];
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return [`${title}, GET ${path}: its trace did not reach the page within 10 seconds.`, ''];
}

/** Undoes everything, last first, even if a step fails. */
async function stopAll({ stops, processes, folder }) {
  const failures = [];
  for (const [name, stop] of stops.reverse()) {
    try {
      await stop();
    } catch (error) {
      failures.push(`${name}: ${error.message}`);
    }
  }
  await processes.stopAll();
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    failures.push(error.message);
  }
  if (existsSync(folder)) failures.push(`${folder} is left`);
  return failures;
}

await main();
