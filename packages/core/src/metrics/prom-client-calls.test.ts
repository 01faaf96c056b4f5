import * as prom from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as throughline from '../index.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

/*
 * Moving over from prom-client is a change of import: the same calls, on prom-client's classes and on Throughline's
 * functions under the names of those classes, give the same series.
 */
const libraries = {
  'prom-client': { Counter: prom.Counter, Gauge: prom.Gauge, Histogram: prom.Histogram },
  throughline: {
    Counter: throughline.counter,
    Gauge: throughline.gauge,
    Histogram: throughline.histogram,
  },
};
type Library = (typeof libraries)['prom-client'];

let captured: CapturedObservability;
beforeAll(() => {
  captured = captureObservability({ serviceName: 'orders' });
});
afterAll(() => captured.stop());

/** What one library's registry says after the calls; timestamps and durations aside. */
async function seriesAfter(
  name: keyof typeof libraries,
  calls: (library: Library, registry: prom.Registry) => void,
) {
  const registry = new prom.Registry();
  calls(libraries[name] as unknown as Library, registry);
  return registry.metrics();
}

const scripts: Record<string, (library: Library, registry: prom.Registry) => void> = {
  'a counter with labels': ({ Counter }, registry) => {
    const c = new Counter({ name: 'a_total', help: 'A', labelNames: ['x', 'y'], registers: [registry] });
    c.inc({ x: '1', y: '2' });
    c.inc({ x: '1' }, 3);
    c.inc({ x: '1', y: '2' }, 0);
    c.inc();
    c.inc(2.5);
    c.labels('1', '2').inc();
    c.labels({ x: '5' }).inc(4);
    c.labels('never', 'used');
    c.inc({ x: 'gone' });
    c.remove({ x: 'gone' });
    c.labels('g', 'h').inc();
    c.remove('g', 'h');
  },
  'a counter without labels': ({ Counter }, registry) => {
    const c = new Counter({ name: 'b_total', help: 'B', registers: [registry] });
    c.inc(5);
    c.reset();
    c.inc({});
    c.labels({}).inc();
  },
  'counters that were never used': ({ Counter }, registry) => {
    new Counter({ name: 'c_total', help: 'C', registers: [registry] });
    new Counter({ name: 'd_total', help: 'D', labelNames: ['x'], registers: [registry] });
  },
  'a gauge with labels': ({ Gauge }, registry) => {
    const g = new Gauge({ name: 'e', help: 'E', labelNames: ['x'], registers: [registry] });
    g.set({ x: '1' }, 4);
    g.inc({ x: '1' });
    g.dec({ x: '1' }, 7);
    g.inc({ x: '2' }, 1.5);
    g.labels('2').dec();
    g.labels({ x: '3' }).set(9);
    g.labels('3').inc(2);
    g.set(8);
    g.remove('1');
  },
  'a gauge without labels': ({ Gauge }, registry) => {
    new Gauge({ name: 'f', help: 'F', registers: [registry] });
    const g = new Gauge({ name: 'g', help: 'G', registers: [registry] });
    g.inc();
    g.dec(3);
    g.inc({}, 10);
  },
  'a gauge that is set at the scrape': ({ Gauge }, registry) => {
    new Gauge({
      name: 'h',
      help: 'H',
      labelNames: ['x'],
      registers: [registry],
      async collect() {
        this.reset();
        await Promise.resolve();
        this.set({ x: 'now' }, 1);
      },
    });
  },
  'a histogram with labels': ({ Histogram }, registry) => {
    const h = new Histogram({
      name: 'i_seconds',
      help: 'I',
      labelNames: ['x', 'y'],
      buckets: [1, 5],
      registers: [registry],
    });
    h.observe({ x: '1', y: '2' }, 0.5);
    h.observe({ x: '1', y: '2' }, 5);
    h.labels('1', '2').observe(6);
    h.labels({ x: '2' }).observe(1);
    h.zero({ x: '0', y: '0' });
    h.observe({ x: 'gone' }, 1);
    h.remove({ x: 'gone' });
    h.observe(3);
  },
  'a histogram without labels': ({ Histogram }, registry) => {
    new Histogram({ name: 'j_bytes', help: 'J', buckets: [1], registers: [registry] });
    const h = new Histogram({ name: 'k_bytes', help: 'K', buckets: [1], registers: [registry] });
    h.observe(0);
    h.reset();
    h.observe(7);
  },
};

test.each(Object.entries(scripts))('%s: the same series as prom-client', async (_name, script) => {
  expect(await seriesAfter('throughline', script)).toBe(await seriesAfter('prom-client', script));
});

describe('timers', () => {
  test('labels of start and end are joined, and the seconds are returned and recorded', async () => {
    const registers = [new prom.Registry()];
    const labelNames = ['format', 'result'] as const;
    const wait = throughline.histogram({ name: 'l_seconds', help: 'L', labelNames, registers });
    const end = wait.startTimer({ format: 'A4', result: 'unknown' });
    const seconds = end({ result: 'ok' });
    expect(seconds).toBeGreaterThanOrEqual(0);
    wait.labels('A5', 'ok').startTimer()({ result: 'failed' });
    const last = throughline.gauge({ name: 'm_seconds', help: 'M', labelNames, registers });
    const lastSeconds = last.startTimer({ format: 'A4' })({ result: 'ok' });
    const [registry] = registers as [prom.Registry];
    const text = await registry.metrics();
    expect(text).toContain(`l_seconds_sum{format="A4",result="ok"} ${seconds}\n`);
    expect(text).toContain('l_seconds_count{format="A5",result="failed"} 1\n');
    expect(text).toContain(`m_seconds{format="A4",result="ok"} ${lastSeconds}\n`);
  });

  test('setToCurrentTime: seconds since 1970', async () => {
    const registry = new prom.Registry();
    const built = throughline.gauge({
      name: 'n_seconds',
      help: 'N',
      labelNames: ['x'],
      registers: [registry],
    });
    const before = Date.now() / 1000;
    built.setToCurrentTime();
    built.setToCurrentTime({ x: '1' });
    built.labels('2').setToCurrentTime();
    const { values } = await built.get();
    expect(values.map(({ labels }) => labels)).toEqual([{}, { x: '1' }, { x: '2' }]);
    for (const { value } of values) {
      expect(value).toBeGreaterThanOrEqual(before);
      expect(value).toBeLessThanOrEqual(Date.now() / 1000);
    }
  });
});

test('a metric is served at /metrics, or where `registers` says', async () => {
  const registry = new prom.Registry();
  throughline.counter({ name: 'o_total', help: 'O', registers: [registry] }).inc();
  throughline.counter({ name: 'p_total', help: 'P' }).inc();
  const served = await captured.metrics();
  expect(served).toContain('p_total{');
  expect(served).not.toContain('o_total{');
  expect(await registry.metrics()).toContain('o_total 1\n');
  const declareAgain = () => throughline.counter({ name: 'o_total', help: 'O', registers: [registry] });
  declareAgain().inc();
  expect(await registry.metrics()).toContain('o_total 2\n');
  // As test suites do between two tests.
  registry.clear();
  declareAgain();
  expect(await registry.metrics()).toContain('o_total 2\n');
  new prom.Counter({ name: 'q_total', help: 'Q', registers: [registry] });
  expect(() => throughline.counter({ name: 'q_total', help: 'Q', registers: [registry] })).toThrow(
    expect.objectContaining({ code: 'OBS_METRIC_CONFLICT' }),
  );
});

test('labels() gives the same object again, which outlives reset() and remove()', async () => {
  const jobs = throughline.counter({ name: 'r_total', help: 'R', labelNames: ['queue'] });
  const mail = jobs.labels('mail');
  expect(jobs.labels({ queue: 'mail' })).toBe(mail);
  mail.inc();
  jobs.reset();
  mail.inc();
  expect(await captured.metrics()).toContain('r_total{queue="mail",service_name="orders"} 1\n');
  jobs.remove('mail');
  mail.inc(5);
  expect(await captured.metrics()).toContain('r_total{queue="mail",service_name="orders"} 5\n');
});

test('exemplars: the active trace, in labels() too, or with enableExemplars those of the call', async () => {
  const wait = throughline.histogram({ name: 's_seconds', help: 'S', labelNames: ['x'], buckets: [1] });
  const jobs = throughline.counter({ name: 't_total', help: 'T', labelNames: ['x'], enableExemplars: true });
  throughline.withSpan('work', () => {
    wait.labels('1').observe(0.5);
    jobs.inc({ labels: { x: 'active' }, value: 2 });
  });
  jobs.inc({ labels: { x: 'given' }, exemplarLabels: { job: 7 } });
  const metrics = await captured.metrics();
  expect(metrics).toMatch(/s_seconds_bucket\{le="1\.0",x="1",service_name="orders"\} 1 # \{trace_id="\w+"/);
  expect(metrics).toMatch(
    /t_total\{x="active",service_name="orders"\} 2 # \{trace_id="\w+",span_id="\w+"\} 2 /,
  );
  expect(metrics).toMatch(/t_total\{x="given",service_name="orders"\} 1 # \{job="7"\} 1 /);
});

test('a metric fits where a type of prom-client is wanted, and under the names of its classes', () => {
  const Counter = throughline.counter;
  const typed: prom.Counter<'channel'> = new Counter({ name: 'u_total', help: 'U', labelNames: ['channel'] });
  typed.inc({ channel: 'web' });
  const any: throughline.Counter = throughline.counter({ name: 'v_total', help: 'V' });
  const named: throughline.counter<'channel'> = typed as throughline.Counter<'channel'>;
  const gauge: prom.Gauge<'a'> = throughline.gauge({ name: 'w', help: 'W', labelNames: ['a'] });
  const histogram: prom.Histogram<'a'> = throughline.histogram({ name: 'x_s', help: 'X', labelNames: ['a'] });
  expect([any, named, gauge, histogram]).toHaveLength(4);
});
