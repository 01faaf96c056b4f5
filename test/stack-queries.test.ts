/*
 * How `npm run stack:verify` reads LogQL, TraceQL and the load script, without a server: what it must find, and what
 * it must not let pass.
 */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { onLoopback } from '@throughline/testbed/otlp-intake';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { describe, expect, it } from 'vitest';
import { startLoad } from '../scripts/stack/load/start-load.mjs';
import { asLokiHasIt, readLogql, runLogql } from '../scripts/stack/logql.mjs';
import { findsSpan } from '../scripts/stack/traceql.mjs';

const otlpConfig = {
  severity_text_as_label: true,
  resource_attributes: {
    attributes_config: [{ action: 'index_label', attributes: ['service.name', 'team'] }],
  },
};
const records = [
  { 'service.name': 'orders', team: 'checkout', severity_text: 'error', trace_id: 'a', _msg: 'It failed.' },
  { 'service.name': 'orders', team: 'checkout', severity_text: 'info', trace_id: 'b', _msg: 'It works.' },
].map((record) => asLokiHasIt(record, otlpConfig));
const logql = (query: string) => runLogql(readLogql(query), records);

describe('LogQL', () => {
  it('finds lines by label, field and text', () => {
    expect(logql('{service_name=~"ord.*",severity_text=~"(?i)ERR.*"}')).toHaveLength(1);
    expect(logql('{service_name="orders"} | trace_id="b" |= `works`')).toMatchObject([
      { stream: { trace_id: 'b', service_name: 'orders' } },
    ]);
    expect(logql('{team!="checkout"}')).toEqual([]);
    const timed = [0.2, 3].map((seconds) =>
      asLokiHasIt({ team: 'a', duration_seconds: String(seconds) }, otlpConfig),
    );
    expect(runLogql(readLogql('{team="a"} | duration_seconds > 0.5'), timed)).toMatchObject([
      { stream: { duration_seconds: '3' } },
    ]);
    expect(logql('sum by (severity_text) (count_over_time({service_name="orders"}[1m]))')).toEqual([
      { metric: { severity_text: 'error' } },
      { metric: { severity_text: 'info' } },
    ]);
  });

  it.each([
    ['in the selector', '{level="error"}', 'no stream has the label level'],
    ['that is a field, no label', '{trace_id="a"}', 'no stream has the label trace_id'],
    ['in a filter', '{team="checkout"} | error_type="a"', 'no log line has error_type'],
    ['in a grouping', 'sum by (level) (count_over_time({team="checkout"}[1m]))', 'no log line has level'],
  ])('refuses a label that nothing has, %s', (_, query, message) => {
    expect(() => logql(query)).toThrow(message);
  });

  it('refuses what it does not know, rather than let it pass', () => {
    expect(() => logql('{service_name=}')).toThrow('does not parse');
    expect(() => logql('{service_name="orders"} | json')).toThrow('not known');
  });

  it('follows the configuration of Loki: a resource attribute that is no label there is none here', () => {
    const [one] = records;
    expect(one?.labels).toEqual({ service_name: 'orders', team: 'checkout', severity_text: 'error' });
    const other = asLokiHasIt({ team: 'checkout', severity_text: 'error' }, {});
    expect(other).toMatchObject({ labels: {}, metadata: { team: 'checkout', severity_text: 'error' } });
  });
});

describe('TraceQL', () => {
  const spans = [
    {
      name: 'GET',
      kind: 2,
      status: { code: 2 },
      startTimeUnixNano: '1000000000',
      endTimeUnixNano: '1600000000',
      attributes: { 'http.route': '/orders' },
      resource: { 'service.name': 'orders' },
    },
  ];

  it('finds spans by attribute, kind, status and duration', () => {
    const query =
      '{ resource.service.name =~ "ord.*" && kind = server && status = error && duration > 500ms }';
    expect(findsSpan(query, spans)).toBe(true);
    expect(findsSpan(query.replace('500ms', '700ms'), spans)).toBe(false);
    expect(findsSpan('{ span.http.route = "/x" || .http.route = "/orders" }', spans)).toBe(true);
  });

  it('refuses an attribute that no span has, and what does not parse', () => {
    expect(() => findsSpan('{ resource.service = "orders" }', spans)).toThrow(
      'no span has resource.service:',
    );
    expect(() => findsSpan('{ span.http.route = }', spans)).toThrow('does not parse');
  });
});

describe('the load', () => {
  it('runs the script of each customer in rounds, counts its checks, and ends the round', async () => {
    const requests: string[] = [];
    const server = await onLoopback(
      createServer((request, response) => {
        requests.push(`${request.method} ${request.url}`);
        response.writeHead(request.method === 'POST' ? 201 : 200).end();
      }),
    );
    const folder = temporaryFolder();
    const script = join(folder, 'script.js');
    writeFileSync(
      script,
      `import { check, sleep } from 'k6';
      import http from 'k6/http';
      export default function () {
        const { status } = http.get(__ENV.URL + '/' + __VU);
        check(status, { 'is there': () => status === 200, 'is gone': () => status === 404 });
        check(http.post(__ENV.URL, '{}'), { 'is made': ({ status }) => status === 201 });
        sleep(60);
      }`,
    );
    const load = startLoad({ folder, script, environment: { URL: server.url, CUSTOMERS: '2' } });
    await expect.poll(() => requests.length).toBe(4);
    expect(await load.stop()).toEqual([
      { name: 'is there', passes: 2, fails: 0 },
      { name: 'is gone', passes: 0, fails: 2 },
      { name: 'is made', passes: 2, fails: 0 },
    ]);
    expect(new Set(requests)).toEqual(new Set(['GET /1', 'GET /2', 'POST /']));
    await server.stop();
  });

  it('reports a script that fails, and one that asks for more of k6 than there is', async () => {
    const folder = temporaryFolder();
    const script = join(folder, 'script.js');
    writeFileSync(script, `export default function () { throw new Error('no such product'); }`);
    await expect(startLoad({ folder, script, environment: {} }).stop()).rejects.toThrow('no such product');
    writeFileSync(script, `import { browser } from 'k6/browser'; export default function () {}`);
    expect(() => startLoad({ folder, script, environment: {} })).toThrow('k6/browser');
  });
});
