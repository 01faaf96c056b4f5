/*
 * Shows that the stack of examples/stack works, without Docker: starts the real Prometheus, Alertmanager and Collector
 * with the stack's own configuration, Jaeger in Tempo's place and VictoriaLogs in Loki's, the shop, a service of
 * another team, one on each framework and two on queues, with load. Then it executes every PromQL query of every
 * dashboard, every rule and every link between data sources, and asks every LogQL and TraceQL query of the lines and
 * spans that arrived. One that errors, or comes back empty without a reason listed in
 * scripts/stack/empty-for-a-reason.mjs, fails.
 *
 *   npm run stack:verify
 *
 * Environment: KAFKA_BROKERS, REDIS_URL, JAEGER_QUERY_URL with JAEGER_OTLP_URL, and VICTORIALOGS_URL to use these
 * instead of throw-away ones. With STACK_TEMPO_URL (and STACK_TEMPO_OTLP_URL), with STACK_LOKI_URL, and where there is
 * Docker, a real Tempo and a real Loki get the same telemetry and are asked the same queries. With all of
 * STACK_PROMETHEUS_URL, STACK_LOKI_URL and STACK_TEMPO_URL nothing of it is started: the stack that runs there is
 * looked at, for example the one of `docker compose up`.
 */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProcesses } from '../testbed/src/processes.mjs';
import { backendQueries } from './stack/backend-queries.mjs';
import { checksOfAlerts, checksOfDashboards, checksOfRules } from './stack/checks.mjs';
import { stack } from './stack/configuration.mjs';
import { Empty } from './stack/empty.mjs';
import { reasonToBeEmpty } from './stack/empty-for-a-reason.mjs';
import { checksOfFrameworks } from './stack/framework-services.mjs';
import { checksOfIntakes } from './stack/intakes.mjs';
import { isStackGiven, joinStack } from './stack/join-stack.mjs';
import { checksOfLinks } from './stack/links.mjs';
import { checksOfQueues } from './stack/queue-services.mjs';
import { MissingPart, startStack } from './stack/start-stack.mjs';
import { findsSpan } from './stack/traceql.mjs';
import { tracesInJaeger, tracesInTempo } from './stack/traces.mjs';

const pauseMillis = 3_000;

const say = (line) => process.stdout.write(`${line}\n`);
const counts = { passed: 0, failed: 0, skipped: 0 };
const processes = createProcesses();
const folder = mkdtempSync(join(tmpdir(), 'throughline-stack-'));
// Another user runs PostgreSQL when root runs this.
chmodSync(folder, 0o711);
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

try {
  const isGiven = isStackGiven(process.env);
  say(`Starting ${isGiven ? '' : 'the backends, the shop, and '}a service of another team.`);
  await verify(await (isGiven ? joinStack : startStack)({ processes, folder, say }));
} catch (error) {
  const canBeOff = error instanceof MissingPart && !process.env.CI;
  say(canBeOff ? `  skipped  ${error.message}` : `  failed   ${error.stack}`);
  if (canBeOff) counts.skipped++;
  else counts.failed++;
}
await processes.stopAll();
say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
// The load runs until the end.
process.exit(counts.failed > 0 ? 1 : 0);

/** What comes back empty is asked again for a while: windows have to fill, and rules to be evaluated. */
async function verify({ urls, intakes, pager, hasQueues, services, load, patienceMillis }) {
  const asked = { prometheusUrl: urls.prometheus, victoriaLogsUrl: urls.victoriaLogs };
  // Without substitutes, only they are queried.
  const queries = backendQueries(urls.victoriaLogs ? asked : { ...asked, lokiUrl: urls.loki });
  const inTempo = urls.tempo && tracesInTempo(urls.tempo, queries.secondsAgo);
  const traces = urls.jaeger ? tracesInJaeger(urls.jaeger, queries.secondsAgo, findsSpan) : inTempo;
  await servicesAreThere(queries, patienceMillis);
  const logLines = () => services.flatMap(({ lines }) => lines);
  const pending = [
    ...checksOfLinks({ queries, traces, logLines }),
    ...checksOfIntakes({ traces, intakes }),
    ...(await checksOfDashboards(queries, traces)),
    ...(await checksOfRealOnes({ urls, queries, traces, inTempo, logLines })),
    ...(await checksOfRules(queries, readdirSync(join(stack, 'prometheus/rules')))),
    ...checksOfFrameworks(queries),
    ...(hasQueues ? checksOfQueues(queries, traces) : []),
    ...checksOfAlerts(queries, pager),
  ];
  const total = pending.length;
  const deadline = performance.now() + patienceMillis;
  const passed = new Map();
  let waiting = pending;
  while (waiting.length > 0) {
    const empty = [];
    for (const check of waiting) {
      try {
        await check.run();
        passed.set(check.group, (passed.get(check.group) ?? 0) + 1);
        counts.passed++;
      } catch (error) {
        if (error instanceof Empty) empty.push({ ...check, error });
        else fail(check, error.message);
      }
    }
    waiting = empty;
    const expected = waiting.filter(({ query }) => query && reasonToBeEmpty(query));
    if (waiting.length === expected.length || performance.now() > deadline) break;
    await new Promise((resolve) => setTimeout(resolve, pauseMillis));
  }
  for (const [group, count] of passed) say(`  ok       ${group}: ${count}`);
  for (const check of waiting) {
    const reason = check.query && reasonToBeEmpty(check.query);
    if (reason) {
      say(`  ok       ${check.group}, empty because ${reason}: ${check.name}`);
      counts.passed++;
    } else {
      fail(check, `empty${check.error.message ? `: ${check.error.message}` : ''}`);
    }
  }
  if (load) await verifyLoad(load);
  const { executed, different } = queries.counts();
  say(
    `${total} checks of links, dashboards and rules; ${different} different queries, executed ${executed} times.`,
  );
}

/** A real Tempo and a real Loki, queried in addition to their substitutes. */
async function checksOfRealOnes({ urls, queries, traces, inTempo, logLines }) {
  const isBeside = urls.jaeger !== undefined && (urls.tempo ?? urls.loki) !== undefined;
  if (!isBeside) return [];
  const real = urls.loki ? backendQueries({ prometheusUrl: urls.prometheus, lokiUrl: urls.loki }) : queries;
  // Tempo's service graph is made of metrics that this run does not have.
  const realTraces = inTempo ? { ...inTempo, edges: traces.edges } : traces;
  const beside = [
    ...checksOfLinks({ queries: real, traces: realTraces, logLines }),
    ...(await checksOfDashboards(real, realTraces)).filter(
      ({ query }) => query && query.language !== 'promql',
    ),
  ];
  const names = [urls.tempo && 'Tempo', urls.loki && 'Loki'].filter(Boolean).join(' and ');
  return beside.map((check) => ({ ...check, group: `${check.group}, real ${names}` }));
}

/** The load script says itself what the shop has to answer. */
async function verifyLoad(load) {
  const group = 'checks of load/shop.js';
  const checks = await load.stop();
  if (checks.length === 0) fail({ group, name: 'any' }, 'the load made no check');
  const held = checks.filter(({ passes, fails }) => passes > 9 * fails);
  counts.passed += held.length;
  if (held.length > 0) say(`  ok       ${group}: ${held.length}`);
  for (const check of checks) {
    if (held.includes(check)) continue;
    fail({ group, name: check.name }, `held ${check.passes} times of ${check.passes + check.fails}`);
  }
}

function fail({ group, name }, why) {
  counts.failed++;
  say(`  failed   ${group}, ${name}\n           ${why}`);
}

/** Variables are filled once, after every service has been seen. */
async function servicesAreThere(queries, patienceMillis) {
  const wanted = ['gateway', 'product', 'views', 'orders'];
  const deadline = performance.now() + patienceMillis;
  for (;;) {
    const found = await queries.labelValues('messaging_message_age_seconds_count', 'service_name');
    const jobs = await queries.labelValues('job_duration_seconds_count', 'job_name');
    const services = await queries.labelValues('throughline_info', 'service_name');
    const environments = await queries.labelValues(
      'throughline_info{service_name="orders"}',
      'deployment_environment_name',
    );
    const objectives = await queries.labelValues('slo:objective:ratio', 'slo');
    if (
      found.length > 0 &&
      jobs.length > 0 &&
      objectives.length > 0 &&
      environments.length === 2 &&
      wanted.every((name) => services.includes(name))
    )
      return;
    if (performance.now() > deadline)
      throw new Error(`Prometheus knows ${services.join(', ')} of ${wanted.join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}
