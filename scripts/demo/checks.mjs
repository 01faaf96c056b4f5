import { hasLabels, parseExposition } from './exposition.mjs';
import { registerProduct } from './load.mjs';
import { serviceOf, wayThroughShop } from './trace.mjs';

/** How long the first missing thing is waited for; telemetry is on its way for a second or so. */
const patienceMillis = 15_000;
const pollMillis = 100;

const identities = {
  gateway: {
    'service.name': 'gateway',
    'service.namespace': 'shop',
    'deployment.environment.name': 'demo',
    team: 'storefront',
  },
  product: {
    'service.name': 'product',
    'service.namespace': 'shop',
    'deployment.environment.name': 'demo',
    team: 'catalogue',
  },
  views: {
    'service.name': 'views',
    'service.namespace': 'shop',
    'deployment.environment.name': 'demo',
    team: 'insights',
  },
};

/** Prints the outcome of each check and counts. */
export function createReport(stdout) {
  const counts = { passed: 0, failed: 0 };
  return {
    counts,
    passed(name) {
      counts.passed++;
      stdout.write(`  ok       ${name}\n`);
    },
    missing(name, error) {
      counts.failed++;
      const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
      const reason = `${error.message}${cause}`.replaceAll('\n', '\n           ');
      stdout.write(`  missing  ${name}\n           ${reason}\n`);
    },
  };
}

/** Drives the gateway, then looks for what each request must have left on the page, in the logs and in the scrape. */
export async function runChecks({
  report,
  gateway,
  product,
  views,
  page,
  profiles,
  controlToken,
  hasRedis,
  signal,
}) {
  const deadline = performance.now() + patienceMillis;

  /** Repeats the assertion until it holds. What it throws last is what is missing. */
  async function check(name, assertion) {
    for (;;) {
      signal.throwIfAborted();
      try {
        const value = await assertion();
        report.passed(name);
        return value;
      } catch (error) {
        if (performance.now() > deadline) {
          report.missing(name, error);
          return undefined;
        }
        await new Promise((resolve) => setTimeout(resolve, pollMillis));
      }
    }
  }

  const get = async (path, expected, service = gateway) => {
    const response = await fetch(service.url + path, { signal: AbortSignal.timeout(10_000) });
    const body = await response.text();
    expect(
      response.status === expected,
      `GET ${path} was answered ${response.status}: ${body.slice(0, 200)}`,
    );
    return body;
  };

  /** The one trace that a request of this path began, with the spans that have arrived so far. */
  const traceOf = async (path) => {
    const traces = await page.tracesWith('url.path', path);
    const trace = traces.find(
      ({ spans }) => wayThroughShop(spans).gatewayServer?.attributes['url.path'] === path,
    );
    return expect(trace, `the page has no trace of a request for ${path}`);
  };

  const samplesOf = async (service) => {
    const { contentType, text } = await service.scrape();
    expect(
      contentType.startsWith('application/openmetrics-text'),
      `${service.metricsUrl} answered with ${contentType}`,
    );
    return parseExposition(text);
  };

  // The requests. A path that nothing else asks for makes its trace easy to find.
  const sku = `CHECK-${Date.now().toString(36).toUpperCase()}`;
  const registered = await check('POST /shop/products registers a product', async () => {
    const { status, body } = await registerProduct(gateway.url, { sku, name: 'Check', priceCents: 100 });
    expect(status === 201 && Number.isInteger(body.id), `answered ${status}: ${JSON.stringify(body)}`);
    return body;
  });
  const productPath = `/shop/products/${registered?.id ?? 1}`;
  await check('GET /shop/products/:id reads it', async () => {
    const body = await get(productPath, 200);
    expect(registered === undefined || JSON.parse(body).sku === sku, `answered ${body}`);
  });
  await check('GET /shop/products lists it', async () => {
    const body = await get('/shop/products', 200);
    expect(body.includes(sku), 'the list does not name it');
  });
  await check('GET /shop/products/:id/report answers, slowly', () => get(`${productPath}/report`, 200));
  await check('GET /shop/checkout fails', () => get('/shop/checkout', 502));
  await check('an unknown path is answered 404', () => get('/no/such/page?token=secret', 404));

  // One trace from the gateway to PostgreSQL.
  const way = async (path = productPath) => wayThroughShop((await traceOf(path)).spans);
  await check('trace: gateway server span, GET /shop/products/:id', async () => {
    const span = (await way()).gatewayServer;
    expectSpan(span, 'GET /shop/products/:id', {
      'http.request.method': 'GET',
      'http.route': '/shop/products/:id',
      'http.response.status_code': 200,
    });
  });
  await check('trace: gateway client span is its child', async () => {
    const span = (await way()).gatewayClient;
    expectSpan(span, undefined, { 'http.request.method': 'GET', 'http.response.status_code': 200 });
  });
  await check("trace: product server span is the client span's child, GET /products/:id", async () => {
    const span = (await way()).productServer;
    expectSpan(span, 'GET /products/:id', {
      'http.route': '/products/:id',
      'http.response.status_code': 200,
    });
  });
  await check('trace: PostgreSQL span is the child of that', async () => {
    const span = (await way()).database;
    expectSpan(span, undefined, { 'db.system.name': 'postgresql' });
    expect(
      /^SELECT .* FROM throughline_shop\.products/.test(span.attributes['db.query.text']),
      'it has no db.query.text',
    );
  });
  if (hasRedis) {
    await check('trace: Redis was read before the query, and written after it', async () => {
      const { cacheRead, database, cacheWrite } = await way();
      expectSpan(cacheRead, undefined, { 'db.query.text': `GET product:${registered?.id}` });
      expectSpan(cacheWrite, undefined, { 'db.query.text': `SET product:${registered?.id} ? ? ?` });
      expect(
        cacheRead.startMillis <= database.startMillis && database.startMillis <= cacheWrite.startMillis,
        'they come in another order',
      );
    });
  }
  if (views) {
    await check("trace: product publishes product-viewed, the server span's child", async () => {
      const span = (await way()).published;
      expectSpan(span, 'send product-viewed', {
        'messaging.system': 'kafka',
        'messaging.operation.type': 'send',
        'messaging.destination.name': 'product-viewed',
        'messaging.kafka.message.key': String(registered?.id),
      });
      expect(span.attributes['messaging.destination.partition.id'], 'it has no partition');
    });
    await check("trace: across the broker, views processes it, the publishing span's child", async () => {
      const span = (await way()).processed;
      expectSpan(span, 'process product-viewed', {
        'messaging.operation.type': 'process',
        'messaging.consumer.group.name': 'views',
        'messaging.client.id': 'views',
      });
      expect(span.attributes['messaging.kafka.offset'] !== undefined, 'it has no offset');
    });
    await check('trace: views raises the count in PostgreSQL, the child of that', async () => {
      const span = (await way()).counted;
      expectSpan(span, undefined, { 'db.system.name': 'postgresql', 'db.operation.name': 'INSERT' });
    });
    await check('GET /views/:id of views has counted the read', async () => {
      const { views: count } = JSON.parse(await get(`/views/${registered?.id ?? 1}`, 200, views));
      expect(registered ? count === 1 : count >= 1, `it answers ${count}`);
    });
  }
  await check('trace: every span carries the identity of its service', async () => {
    const { spans } = await traceOf(productPath);
    for (const span of spans) {
      const identity = identities[serviceOf(span)] ?? { 'service.name': Object.keys(identities).join(', ') };
      expectAttributes(`'${span.name}'`, span.resourceAttributes, identity);
    }
  });

  // Log lines of the same request, on stdout and on the page.
  for (const service of [gateway, product, ...(views ? [views] : [])]) {
    const { name } = service;
    await check(`logs: a line of ${name} on stdout carries the trace id`, async () => {
      const { traceId } = await traceOf(productPath);
      const lines = service.logLines();
      const line = lines.find((candidate) => candidate.trace_id === traceId);
      expect(line, `none of ${lines.length} lines does`);
      expectAttributes('the line', line, underscored(identities[name]));
      expect(/^[0-9a-f]{16}$/.test(line.span_id), 'the line has no span_id');
    });
    await check(`logs: a line of ${name} on the page carries it`, async () => {
      const { traceId } = await traceOf(productPath);
      const lines = await page.linesOf(traceId);
      const line = lines.find(({ serviceName }) => serviceName === name);
      expect(line, `the page has ${lines.length} lines of the trace, none of ${name}`);
      expectAttributes('its resource', line.resourceAttributes, identities[name]);
    });
  }

  if (views) {
    await check('logs: the line of views says which message it is about', async () => {
      const { traceId, spans } = await traceOf(productPath);
      const line = views.logLines().find((candidate) => candidate.trace_id === traceId);
      const { processed } = wayThroughShop(spans);
      expect(line && processed, 'there is no line or no span yet');
      expectAttributes('the line', line, {
        topic: 'product-viewed',
        partition: Number(processed.attributes['messaging.destination.partition.id']),
        span_id: processed.spanId,
      });
      expect(Number(line.offset) === processed.attributes['messaging.kafka.offset'], 'its offset is another');
    });
  }

  // The scrapes.
  const duration = 'http_server_request_duration_seconds';
  for (const [service, route] of [
    [gateway, '/shop/products/:id'],
    [product, '/products/:id'],
    ...(views ? [[views, '/views/:id']] : []),
  ]) {
    const { name } = service;
    const labels = { http_request_method: 'GET', http_route: route, http_response_status_code: '200' };
    await check(`metrics: ${name} counts ${route}, with its identity`, async () => {
      const samples = await samplesOf(service);
      const sample = samples.find((s) => s.name === `${duration}_count` && hasLabels(s.labels, labels));
      expect(sample?.value >= 1, `the scrape has no ${duration}_count of ${JSON.stringify(labels)}`);
      expectAttributes('the series', sample.labels, underscored(identities[name]));
    });
    await check(`metrics: an exemplar of ${name} names a trace that the page has`, async () => {
      const samples = await samplesOf(service);
      const buckets = samples.filter(
        (s) => s.name === `${duration}_bucket` && s.exemplar && hasLabels(s.labels, labels),
      );
      expect(buckets.length > 0, `no bucket of ${duration} has an exemplar`);
      const exemplarId = buckets[0].exemplar.trace_id;
      expect(await page.hasTrace(exemplarId), `the page has no trace ${exemplarId}`);
    });
  }
  await check('metrics: gateway counts its calls to product', async () => {
    const samples = await samplesOf(gateway);
    const { hostname, port } = new URL(product.url);
    const labels = { server_address: hostname, server_port: port, http_response_status_code: '200' };
    const name = 'http_client_request_duration_seconds_count';
    expect(
      samples.some((s) => s.name === name && hasLabels(s.labels, labels)),
      `the scrape has no ${name} of ${JSON.stringify(labels)}`,
    );
  });
  for (const system of hasRedis ? ['postgresql', 'redis'] : ['postgresql']) {
    await check(`metrics: product counts its ${system} operations, alike for all databases`, async () => {
      const samples = await samplesOf(product);
      const name = 'db_client_operation_duration_seconds_count';
      expect(
        samples.some(
          (s) => s.name === name && s.labels.db_system_name === system && s.labels.db_operation_name,
        ),
        `the scrape has no ${name} of ${system}`,
      );
    });
  }
  if (views) {
    const ofViews = {
      messaging_system: 'kafka',
      messaging_destination_name: 'product-viewed',
      messaging_consumer_group_name: 'views',
    };
    for (const [service, name, labels] of [
      [product, 'messaging_client_sent_messages_total', { messaging_destination_name: 'product-viewed' }],
      [views, 'messaging_client_consumed_messages_total', ofViews],
      [views, 'messaging_process_duration_seconds_count', ofViews],
      [views, 'messaging_message_age_seconds_count', ofViews],
    ]) {
      await check(`metrics: ${service.name} has ${name}`, async () => {
        const samples = await samplesOf(service);
        const sample = samples.find((s) => s.name === name && hasLabels(s.labels, labels));
        expect(sample?.value >= 1, `the scrape has no ${name} of ${JSON.stringify(labels)}`);
        expectAttributes('the series', sample.labels, underscored(identities[service.name]));
      });
    }
    await check('metrics: an exemplar of the message age names a trace that the page has', async () => {
      const name = 'messaging_message_age_seconds_bucket';
      const sample = (await samplesOf(views)).find((s) => s.name === name && s.exemplar);
      expect(sample, `no ${name} has an exemplar`);
      const { trace_id: traceId } = sample.exemplar;
      expect(await page.hasTrace(traceId), `the page has no trace ${traceId}`);
    });
  }
  await check("metrics: the service's own counter is in the same scrape", async () => {
    const samples = await samplesOf(product);
    const own = samples.find((s) => s.name === 'shop_products_registered_total');
    expect(own?.value >= 1, 'the scrape has no shop_products_registered_total');
    expectAttributes('the series', own.labels, underscored(identities.product));
  });
  await check('metrics: an unknown path makes a series without a route', async () => {
    const samples = await samplesOf(gateway);
    const unmatched = samples.filter(
      (s) => s.name === `${duration}_count` && s.labels.http_response_status_code === '404',
    );
    expect(unmatched.length > 0, 'the scrape has no series of the request');
    expect(
      unmatched.every((s) => s.labels.http_route === undefined),
      `its route is ${unmatched[0].labels.http_route}`,
    );
  });

  // What the page makes of it.
  await check('page: the overview has the route of the gateway, counted by its histogram', async () => {
    const { rows } = await page.ask('overview');
    const row = rows.find((r) => r.serviceName === 'gateway' && r.operation === 'GET /shop/products/:id');
    expect(row, `the overview has ${rows.map((r) => `${r.serviceName} ${r.operation}`).join(', ')}`);
    expect(row.source === 'metrics' && row.count >= 1, `its row is ${JSON.stringify(row)}`);
  });
  await check('page: a dot of that route opens a trace', async () => {
    const query = new URLSearchParams({ service: 'gateway', operation: 'GET /shop/products/:id' });
    const { dots } = await page.ask(`operation?${query}`);
    expect(
      dots.some(({ isExemplar, isStored }) => isExemplar && isStored),
      `none of ${dots.length} dots does`,
    );
  });
  await check('page: the map leads from the gateway to the database', async () => {
    const { edges } = await page.ask('map');
    const steps = [
      ['service gateway', 'service product'],
      ['service product', 'database postgresql'],
      ...(views
        ? [
            ['service product', 'topic kafka product-viewed'],
            ['topic kafka product-viewed', 'service views'],
          ]
        : []),
    ];
    for (const [from, to] of steps) {
      const edge = edges.find((each) => each.from === from && each.to.startsWith(to));
      expect(edge, `there is no arrow from ${from} to ${to}`);
    }
  });
  await check('page: nothing was refused or forgotten, and no service has reported a problem', async () => {
    const { refused, forgotten, findings } = await page.ask('status');
    expect(refused.requests + refused.items === 0, `refused: ${JSON.stringify(refused)}`);
    expect(forgotten.spans + forgotten.lines === 0, `forgotten: ${JSON.stringify(forgotten)}`);
    expect(findings.length === 0, `findings: ${JSON.stringify(findings)}`);
  });

  // What the slow and the failing route left.
  await check('slow: the trace of the report shows that PostgreSQL took the time', async () => {
    const { gatewayServer, database } = await way(`${productPath}/report`);
    expect(database, 'the trace has no PostgreSQL span');
    expect(
      database.durationMillis >= 500 && gatewayServer.durationMillis >= database.durationMillis,
      `the query took ${database.durationMillis} ms of ${gatewayServer.durationMillis} ms`,
    );
  });
  await check('slow: a profile on request, which also sends what was sampled before', async () => {
    const response = await fetch(new URL('/observability/profile', product.metricsUrl), {
      method: 'PUT',
      headers: { authorization: `Bearer ${controlToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ seconds: 0.1 }),
      signal: AbortSignal.timeout(10_000),
    });
    const { length } = Buffer.from(await response.arrayBuffer());
    expect(response.status === 200 && length > 0, `it was answered ${response.status}`);
  });
  await check('slow: the profile of that span names the function that kept the CPU busy', async () => {
    const { productServer } = await way(`${productPath}/report`);
    expect(productServer, 'the trace has no span of product');
    const { spanId, traceId } = productServer;
    expect(
      productServer.attributes['pyroscope.profile.id'] === spanId,
      `its pyroscope.profile.id is ${productServer.attributes['pyroscope.profile.id']}, not ${spanId}`,
    );
    expect(profiles.problems.length === 0, `refused: ${profiles.problems[0]?.message}`);
    const samples = profiles.profiles
      .filter(({ labels }) => labels.__name__ === 'process_cpu' && labels.service_name === 'product')
      .flatMap(({ profile }) => profile.samples)
      .filter(({ labels }) => labels.span_id === spanId);
    expect(samples.length > 0, `no profile of ${profiles.profiles.length} has samples of this span`);
    expect(
      samples.every(
        ({ labels }) => labels.trace_id === traceId && labels.http_route === '/products/:id/report',
      ),
      `labels: ${JSON.stringify(samples[0].labels)}`,
    );
    const nanosOf = (name) =>
      samples
        .filter(({ stack }) =>
          stack.some((frame) => frame.name === name && frame.file.endsWith('sales-forecast.ts')),
        )
        .reduce((sum, { values }) => sum + values[1], 0);
    const all = samples.reduce((sum, { values }) => sum + values[1], 0);
    const names = [...new Set(samples.map(({ stack }) => stack[0]?.name))].join(', ');
    expect(
      nanosOf('forecastSales') > all / 2,
      `forecastSales has ${nanosOf('forecastSales')} of ${all} ns; running: ${names}`,
    );
  });
  const failures = { gateway: 'ProductServiceError', product: 'StockUnavailableError' };
  for (const service of [gateway, product]) {
    const { name } = service;
    const type = failures[name];
    await check(`failure: the span of ${name} is an error of type ${type}`, async () => {
      const span = (await way('/shop/checkout'))[`${name}Server`];
      expectSpan(span, undefined, { 'error.type': type });
      expect(span.isError, 'its status is not an error');
      const exception = span.events.find((event) => event.name === 'exception');
      expect(exception, 'it has no exception event');
    });
    await check(`failure: the metric of ${name} has that type`, async () => {
      const samples = await samplesOf(service);
      expect(
        samples.some((s) => s.name === `${duration}_count` && s.labels.error_type === type),
        `no series of ${duration} has it`,
      );
    });
    await check(`failure: an error line of ${name} carries the trace id`, async () => {
      const failedTraceId = (await traceOf('/shop/checkout')).traceId;
      const line = service.logLines().find((l) => l.level === 'error' && l.trace_id === failedTraceId);
      expect(
        line?.['error.type'] === type,
        line ? `its error.type is ${line['error.type']}` : 'there is none',
      );
    });
  }
  await check('failure: the PostgreSQL span is an error, with what PostgreSQL said', async () => {
    const span = expect((await way('/shop/checkout')).database, 'the trace has no PostgreSQL span');
    expect(span.isError, 'its status is not an error');
    expect(/stock.*does not exist/.test(span.statusMessage), `its message is ${span.statusMessage}`);
  });
}

function expect(value, message) {
  if (!value) throw new Error(message);
  return value;
}

function expectSpan(span, name, attributes) {
  expect(span, 'there is no such span in the trace');
  if (name !== undefined) expect(span.name === name, `its name is '${span.name}' instead of '${name}'`);
  expectAttributes('it', span.attributes, attributes);
}

function expectAttributes(what, attributes, wanted) {
  for (const [name, value] of Object.entries(wanted)) {
    const found = attributes[name];
    expect(
      found === value,
      `${what} has ${found === undefined ? 'no' : 'another'} ${name}: ${JSON.stringify(found)} instead of ${JSON.stringify(value)}`,
    );
  }
}

/** Attribute names as labels and log fields write them. */
function underscored(attributes) {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name.replaceAll('.', '_'), value]),
  );
}
