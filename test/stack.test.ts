/*
 * The files of examples/stack, checked without starting it: by the programs that will read them where they can be had,
 * by what must agree between them otherwise. `npm run stack:verify` runs it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backendHint, backendProgram } from '@throughline/testbed/backend-programs';
import { partNamed } from '@throughline/testbed/catalogue';
import { root } from '@throughline/testbed/paths';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { stack, stackFile } from '../scripts/stack/configuration.mjs';
import { panelsOf, queriesOf, readDashboards } from '../scripts/stack/dashboard-queries.mjs';
import { checkTraceql } from '../scripts/stack/traceql.mjs';

const folder = mkdtempSync(join(tmpdir(), 'throughline-stack-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program, or undefined with a notice; in CI nothing may be missing. */
function program(name: string): string | undefined {
  const found = backendProgram(name);
  if (found) return found;
  const notice = `${name} is off: ${backendHint(name)}.`;
  if (process.env.CI) throw new Error(notice);
  console.log(notice);
  return undefined;
}

function run(command: string, args: readonly string[], cwd = stack): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  const output = `${stdout}${stderr}`;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${status}\n${output}`);
  return output;
}

interface ComposeService {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly profiles?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string; readonly required: boolean }>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly mem_limit?: string;
  readonly volumes?: readonly { readonly type: string; readonly source: string }[];
  readonly networks?: Readonly<Record<string, { readonly aliases?: readonly string[] } | null>>;
  readonly healthcheck?: object;
}
interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<Record<string, { readonly name: string }>>;
  readonly volumes: Readonly<Record<string, object>>;
}

const composeConfig = program('compose-config');

describe.runIf(composeConfig)('compose.yaml', () => {
  const read = (args: readonly string[] = []) =>
    JSON.parse(
      execFileSync(composeConfig as string, ['-format', 'json', ...args, 'compose.yaml'], {
        cwd: stack,
        encoding: 'utf8',
      }),
    );
  const { services, networks, volumes } = composeConfig ? (read() as ComposeFile) : ({} as ComposeFile);
  const ways = ['collector', 'direct', 'files'];
  const startedWith = (...profiles: string[]) =>
    Object.entries(services).filter(
      ([, service]) => !service.profiles || service.profiles.some((profile) => profiles.includes(profile)),
    );
  const megabytes = (service: ComposeService) => Number(/^(\d+)m$/.exec(service.mem_limit ?? '')?.[1]);

  it('is a compose file by the library and the schema that docker compose uses', () => {
    expect(Object.keys(services)).toContain('gateway');
  });

  it('is refused by them when it has a mistake', () => {
    const wrong = readFileSync(join(stack, 'compose.yaml'), 'utf8').replace(
      'mem_limit: 64m',
      'memory_limit: 64m',
    );
    const file = join(folder, 'compose.yaml');
    writeFileSync(file, wrong);
    expect(() => run(composeConfig as string, [file], folder)).toThrow(/memory_limit/);
  });

  it('mounts only what is there', () => {
    for (const [name, service] of Object.entries(services)) {
      for (const { type, source } of service.volumes ?? []) {
        if (type === 'bind') expect(existsSync(source), `${name} mounts ${source}`).toBe(true);
        else expect(volumes, `${name} mounts ${source}`).toHaveProperty(source);
      }
      if (service.build) expect(existsSync(join(service.build.context, service.build.dockerfile))).toBe(true);
    }
  });

  it('pins every image to a whole version', () => {
    for (const [name, { image, build }] of Object.entries(services)) {
      if (!build) expect(image, name).toMatch(/:v?\d+\.\d+(\.\d+)?(-alpine)?$/);
    }
  });

  it('has the versions that stack:verify runs', () => {
    for (const [service, part] of Object.entries({
      prometheus: 'Prometheus',
      alertmanager: 'Alertmanager',
      collector: 'OpenTelemetry Collector',
      kafka: 'Apache Kafka',
    })) {
      // Prometheus 3.16 is the module's v0.316.
      const version = partNamed(part)
        .version.replace(/^v/, '')
        .replace(/^0\.3(\d\d)\./, (_, minor) => `3.${Number(minor)}.`);
      expect(services[service]?.image?.replace(/^.*:v?/, ''), service).toBe(version);
    }
  });

  it('has the Tempo and the Loki that stack:verify starts where there is Docker', () => {
    for (const part of ['tempo', 'loki']) {
      const script = readFileSync(join(root, `testbed/src/${part}.mjs`), 'utf8');
      expect(script, part).toContain(`'${services[part]?.image}'`);
    }
  });

  it('starts the same shop in each way, under the same names', () => {
    for (const way of ways) {
      const names = startedWith(way).flatMap(([name, service]) => [
        name,
        ...(service.networks?.throughline?.aliases ?? []),
      ]);
      expect(names, way).toEqual(
        expect.arrayContaining(['gateway', 'product', 'views', 'tempo', 'loki', 'grafana']),
      );
      expect(names.includes('collector'), way).toBe(way !== 'direct');
      expect(names.includes('alloy'), way).toBe(way === 'files');
    }
    expect(readFileSync(join(stack, '.env'), 'utf8')).toContain('COMPOSE_PROFILES=collector');
  });

  it('waits only for what is started with it, and what it waits for can be healthy', () => {
    for (const way of ways) {
      const started = Object.fromEntries(startedWith(way, 'profiling'));
      for (const [name, service] of Object.entries(started)) {
        for (const [other, { condition, required }] of Object.entries(service.depends_on ?? {})) {
          expect(services, `${name} waits for ${other}`).toHaveProperty(other);
          if (required) expect(Object.keys(started), `${name} waits for ${other} (${way})`).toContain(other);
          const isImageOfShop = services[other]?.image === 'throughline-shop';
          if (condition === 'service_healthy' && !isImageOfShop) {
            expect(services[other]?.healthcheck, `${name} waits for ${other}`).toBeDefined();
          }
        }
      }
    }
    expect(readFileSync(join(stack, 'shop.Dockerfile'), 'utf8')).toContain('HEALTHCHECK');
  });

  it('fits into 4 GB, whatever the profiles', () => {
    for (const way of ways) {
      const started = startedWith(way, 'profiling');
      for (const [name, service] of started) expect(megabytes(service), name).toBeGreaterThan(0);
      const total = started.reduce((sum, [, service]) => sum + megabytes(service), 0);
      expect(total, way).toBeLessThanOrEqual(4 * 1024);
    }
  });

  it('has a network that other services can join, and addresses that exist in it', () => {
    expect(networks.throughline?.name).toBe('throughline');
    const names = Object.entries(services).flatMap(([name, service]) => [
      name,
      ...(service.networks?.throughline?.aliases ?? []),
    ]);
    const configuration = [
      'prometheus/prometheus.yaml',
      'collector/config.yaml',
      'tempo/tempo.yaml',
      'alloy/config.alloy',
      'alloy/profiles.alloy',
      'grafana/provisioning/datasources/throughline.yaml',
      'compose.yaml',
    ]
      .map((path) => readFileSync(join(stack, path), 'utf8'))
      .join('\n');
    const hosts = [...configuration.matchAll(/https?:\/\/([a-z][a-z-]*):\d+/g)].map(
      ([, host]) => host as string,
    );
    expect(hosts.length).toBeGreaterThan(10);
    for (const host of hosts) expect([...names, 'localhost'], host).toContain(host);
    for (const { static_configs = [] } of stackFile('prometheus/prometheus.yaml').scrape_configs) {
      for (const target of static_configs.flatMap((entry: { targets: string[] }) => entry.targets)) {
        expect([...names, 'localhost'], target).toContain(target.split(':')[0]);
      }
    }
  });
});

const promtool = program('promtool');
const ruleTests = readdirSync(join(stack, 'prometheus/tests')).map((name) => `prometheus/tests/${name}`);

describe.runIf(promtool)('Prometheus', () => {
  it('takes the configuration and the rules', () => {
    const output = run(promtool as string, [
      'check',
      'config',
      '--lint=all',
      '--lint-fatal',
      'prometheus/prometheus.yaml',
    ]);
    expect(output).toContain('2 rule files found');
  });

  it('finds that the rules do what their tests say', () => {
    expect(run(promtool as string, ['test', 'rules', ...ruleTests])).toContain('SUCCESS');
  });

  it('has a test for every alert', () => {
    const tested = new Set(
      ruleTests
        .flatMap((file) => stackFile(file).tests)
        .flatMap(
          ({ alert_rule_test = [] }: { alert_rule_test?: { alertname: string; exp_alerts: unknown[] }[] }) =>
            alert_rule_test
              .filter(({ exp_alerts }) => exp_alerts.length > 0)
              .map(({ alertname }) => alertname),
        ),
    );
    for (const { alert } of alerts('throughline.yaml')) expect(tested, alert).toContain(alert);
  });

  it('has rules that name no service, beside the objectives', () => {
    expect(readFileSync(join(stack, 'prometheus/rules/throughline.yaml'), 'utf8')).not.toMatch(
      /gateway|product|views|shop/,
    );
  });
});

interface Alert {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

function alerts(file: string): Alert[] {
  return stackFile(`prometheus/rules/${file}`)
    .groups.flatMap(({ rules }: { rules: Alert[] }) => rules)
    .filter(({ alert }: Alert) => alert);
}

describe('alerts', () => {
  const all = readdirSync(join(stack, 'prometheus/rules')).flatMap(alerts);

  it('lead to a section of the runbooks', () => {
    const sections = [...readFileSync(join(root, 'docs/runbooks.md'), 'utf8').matchAll(/^## (.+)$/gm)].map(
      ([, title]) => title,
    );
    const page = readDashboards().find(({ uid }) => uid === 'throughline-runbooks');
    expect(all.length).toBeGreaterThan(8);
    for (const { alert, annotations } of all) {
      expect(sections, alert).toContain(alert);
      const { id } = panelsOf(page).find(({ title }: { title: string }) => title === alert);
      expect(annotations.runbook_url, alert).toBe(
        `http://localhost:3000/d/throughline-runbooks?viewPanel=${id}`,
      );
    }
  });

  it('are all in the docs, with their severity', () => {
    const docs = readFileSync(join(root, 'docs/stack.md'), 'utf8');
    for (const { alert, labels } of all) {
      const [, severities = ''] = new RegExp(`^\\| \`${alert}\` \\| ([^|]+) \\|`, 'm').exec(docs) ?? [];
      expect(severities.trim().split(', '), alert).toContain(labels.severity);
    }
  });

  const amtool = program('amtool');

  it.runIf(amtool)('go to the team that they name, and to the platform otherwise', () => {
    const file = 'alertmanager/alertmanager.yaml';
    expect(run(amtool as string, ['check-config', file])).toContain('SUCCESS');
    const receiver = (...labels: string[]) =>
      run(amtool as string, ['config', 'routes', 'test', `--config.file=${file}`, ...labels]).trim();
    expect(receiver('team=storefront', 'severity=page')).toBe('storefront-page');
    expect(receiver('team=catalogue', 'severity=ticket')).toBe('catalogue');
    expect(receiver('team=insights', 'severity=page')).toBe('insights-page');
    expect(receiver('team=of-nobody', 'severity=page')).toBe('platform-page');
    expect(receiver('severity=ticket')).toBe('platform');
    expect(receiver('team=catalogue', 'severity=info')).toBe('catalogue');
    expect(receiver('team=of-nobody', 'severity=info')).toBe('platform');
  });
});

describe('Alloy', () => {
  const alloySyntax = program('alloy-syntax');
  const files = readdirSync(join(stack, 'alloy'));

  it.runIf(alloySyntax)("has files that Alloy's own parser takes, and that refer to what they have", () => {
    expect(files.length).toBe(2);
    for (const file of files) {
      const { components, references } = JSON.parse(run(alloySyntax as string, [`alloy/${file}`]));
      expect(references.length, file).toBeGreaterThan(2);
      for (const reference of references) {
        expect(components, `${file}: ${reference}`).toContain(reference.replace(/\.\w+$/, ''));
      }
    }
    const wrong = join(folder, 'config.alloy');
    writeFileSync(wrong, 'loki.write "stack" {\n  endpoint = \n}\n');
    expect(() => run(alloySyntax as string, [wrong])).toThrow(/config.alloy:3/);
  });

  it('takes the fields of log lines, and makes of them the labels that Loki makes of OTLP', () => {
    const text = readFileSync(join(stack, 'alloy/config.alloy'), 'utf8');
    const keys = (block: string) => {
      const [, body = ''] = new RegExp(`${block} \\{[^{]*\\{([^}]*)`).exec(text) ?? [];
      return [...body.matchAll(/(\w+)\s*=\s*"(.*)"/g)].map(([, name, value]) => ({
        name: name as string,
        field: (value || name) as string,
      }));
    };
    // What a line of a service looks like: docs/signals.md and docs/logs.md describe it, this writes one.
    const line = logLine();
    for (const { field } of keys('stage.json')) {
      expect(Object.keys(line), field).toContain(field.replaceAll('\\"', ''));
    }
    const { attributes_config } = stackFile('loki/loki.yaml').limits_config.otlp_config.resource_attributes;
    const labels = attributes_config
      .filter(({ action }: { action: string }) => action === 'index_label')
      .flatMap(({ attributes }: { attributes: string[] }) => attributes)
      .map((attribute: string) => attribute.replaceAll('.', '_'));
    expect(
      keys('stage.labels')
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...labels, 'severity_text'].sort());
    const made = keys('stage.json').map(({ name }) => name);
    for (const block of ['stage.labels', 'stage.structured_metadata']) {
      for (const { name } of keys(block)) expect(made, `${block} ${name}`).toContain(name);
    }
  });

  /** A line of a service that logs an error within a trace. */
  function logLine(): Record<string, unknown> {
    const script = `
      const { initObservability, logger, withSpan } = require('@throughline/core');
      initObservability({
        serviceName: 'a', serviceNamespace: 'n', serviceVersion: '1.0.0', environment: 'e', team: 't',
        traces: { exporter: 'none' }, metrics: { endpoint: false },
      });
      withSpan('work', () => logger.error('It failed.', { error: new RangeError('Out of stock.') }));
    `;
    const output = execFileSync(process.execPath, ['-e', script], {
      cwd: join(root, 'examples/shop'),
      encoding: 'utf8',
    });
    return output
      .split('\n')
      .filter((text) => text.startsWith('{'))
      .map((text) => JSON.parse(text))
      .find(({ message }) => message === 'It failed.');
  }
});

// Tempo and Loki read their own configuration only where they run: docs/stack.md.
describe('the Collector', () => {
  const collector = program('otelcol');
  it.runIf(collector)('takes its configuration', () => {
    run(collector as string, ['validate', '--config=collector/config.yaml']);
  });

  it.runIf(collector)('refuses one with a mistake', () => {
    const file = join(folder, 'collector.yaml');
    writeFileSync(file, JSON.stringify({ ...stackFile('collector/config.yaml'), no_such_part: {} }));
    expect(() => run(collector as string, ['validate', `--config=${file}`])).toThrow(/no_such_part/);
  });
});

describe('the workflow that runs the stack in containers', () => {
  const text = readFileSync(join(root, '.github/workflows/stack.yaml'), 'utf8');

  it('starts compose.yaml, and asks it at the addresses that it publishes', () => {
    const { jobs } = parse(text);
    const steps: { run?: string; env?: Record<string, string>; if?: string }[] = jobs.stack.steps;
    const start = steps.find((step) => step.run?.includes('docker compose up --build --wait'));
    expect(start).toBeDefined();
    const verify = steps.find((step) => step.run === 'npm run stack:verify');
    const ports = Object.values(
      stackFile('compose.yaml').services as Record<string, { ports?: string[] }>,
    ).flatMap(({ ports: published = [] }) => published.map((port) => port.split(':')[1]));
    const urls = Object.entries(verify?.env ?? {}).filter(([name]) => name.startsWith('STACK_'));
    expect(urls.map(([name]) => name).sort()).toEqual([
      'STACK_LOKI_URL',
      'STACK_PROMETHEUS_URL',
      'STACK_TEMPO_URL',
    ]);
    for (const [name, url] of urls) expect(ports, name).toContain(new URL(url).port);
    expect(steps.some((step) => step.run?.includes('docker compose') && step.if === 'always()')).toBe(true);
  });
});

describe('Grafana', () => {
  interface DataSource {
    readonly uid: string;
    readonly type: string;
    readonly url: string;
    readonly jsonData?: object;
  }
  const sources: DataSource[] = parse(
    readFileSync(join(stack, 'grafana/provisioning/datasources/throughline.yaml'), 'utf8'),
  ).datasources;
  const dashboards = readDashboards();

  it('has data sources that lead to each other', () => {
    const uids = sources.map(({ uid }) => uid);
    expect(new Set(uids).size).toBe(sources.length);
    const named = [...JSON.stringify(sources).matchAll(/"datasourceUid":"([^"]+)"/g)].map(
      ([, uid]) => uid as string,
    );
    for (const uid of named) expect(uids).toContain(uid);
    const leads = (uid: string) => JSON.stringify(sources.find((source) => source.uid === uid)?.jsonData);
    expect(leads('prometheus')).toContain('exemplarTraceIdDestinations');
    expect(leads('loki')).toContain('derivedFields');
    for (const link of ['tracesToLogsV2', 'tracesToMetrics', 'serviceMap', 'nodeGraph'])
      expect(leads('tempo')).toContain(link);
  });

  it('has dashboards with an identity of their own, that link to each other only where there is one', () => {
    const uids = dashboards.map(({ uid }) => uid);
    expect(new Set(uids).size).toBe(dashboards.length);
    for (const [, uid] of JSON.stringify(dashboards).matchAll(/\/d\/([\w-]+)/g)) expect(uids).toContain(uid);
  });

  it('has dashboards that are all in the docs', () => {
    const docs = readFileSync(join(root, 'docs/stack.md'), 'utf8');
    for (const { title } of dashboards) expect(docs, title).toContain(`\n| ${title} | `);
  });

  it('has no panel over another, and none beyond the 24 columns', () => {
    for (const dashboard of dashboards) {
      const taken = new Set<string>();
      for (const { title, gridPos } of panelsOf(dashboard)) {
        expect(gridPos.x + gridPos.w, `${dashboard.title}: ${title}`).toBeLessThanOrEqual(24);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            expect(taken.has(`${x},${y}`), `${dashboard.title}: ${title}`).toBe(false);
            taken.add(`${x},${y}`);
          }
        }
      }
    }
  });

  it('names no service, team or environment in a query', () => {
    const queries = dashboards.flatMap(queriesOf);
    expect(queries.length).toBeGreaterThan(80);
    for (const { expr, panel } of queries)
      expect(expr, panel).not.toMatch(/gateway|product\b|views|shop|storefront|demo/);
  });

  it('has queries for what is recorded only', () => {
    const rules = readFileSync(join(stack, 'prometheus/rules/throughline.yaml'), 'utf8');
    const reference = readFileSync(join(root, 'docs/reference/metrics.md'), 'utf8');
    const recorded = new Set(Array.from(reference.matchAll(/^\| `(\w+)`/gm), ([, name]) => name));
    const asked = new Set<string>();
    for (const { expr, language } of dashboards.flatMap(queriesOf)) {
      if (language !== 'promql') continue;
      for (const [name] of expr.matchAll(/\bservice:[\w:]+/g)) expect(rules).toContain(`record: ${name}`);
      for (const [name] of expr.matchAll(/\b(?:http|rpc|graphql|db|messaging|job|throughline)_\w+(?=\{)/g))
        asked.add(name);
    }
    expect(asked.size).toBeGreaterThan(20);
    const unknown = [...asked].filter(
      (name) => !recorded.has(name) && !recorded.has(name.replace(/_(?:bucket|count|sum)$/, '')),
    );
    expect(unknown).toEqual([]);
  });

  it('has TraceQL that parses by the published grammar, which refuses what is none', () => {
    const queries = dashboards.flatMap(queriesOf).filter(({ language }) => language === 'traceql');
    expect(queries.length).toBeGreaterThan(1);
    for (const { expr } of queries) checkTraceql(expr);
    expect(() => checkTraceql('{ resource.service.name = }')).toThrow(/parse/);
  });
});
