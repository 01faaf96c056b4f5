/*
 * Telemetry of a shop as its services would send it: OTLP in JSON. The times are around now, so that the page shows it.
 */

let lastId = 1;
const hex = (digits) => (lastId++).toString(16).padStart(digits, 'a');

const attribute = ([key, value]) => ({
  key,
  value:
    typeof value === 'number'
      ? { doubleValue: value }
      : typeof value === 'boolean'
        ? { boolValue: value }
        : { stringValue: value },
});
const attributesOf = (values = {}) => Object.entries(values).map(attribute);
const nanos = (millis) => String(BigInt(Math.round(millis * 1e3)) * 1000n);
const kinds = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 };

export const newTraceId = () => hex(32);
export const newSpanId = () => hex(16);

/** A span for {@link sendSpans}. `start` is in milliseconds since 1970. */
export function span(service, kind, name, start, duration, fields = {}) {
  const { attributes, error, parent, traceId, spanId = newSpanId(), ...rest } = fields;
  return {
    service,
    ...{ traceId, spanId, parentSpanId: parent ?? '', name, kind: kinds[kind] },
    ...{ startTimeUnixNano: nanos(start), endTimeUnixNano: nanos(start + duration) },
    attributes: attributesOf(attributes),
    ...(error
      ? {
          status: { code: 2, message: error.message },
          events: [
            {
              ...{ name: 'exception', timeUnixNano: nanos(start + duration) },
              attributes: attributesOf({
                ...{ 'exception.type': error.type, 'exception.message': error.message },
                'exception.stacktrace': `${error.type}: ${error.message}\n    at query (/app/src/stock.ts:17:11)\n    at checkout (/app/src/checkout.ts:42:3)`,
              }),
            },
          ],
        }
      : {}),
    ...rest,
  };
}

async function post(url, signal, body) {
  const response = await fetch(`${url}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${signal}: ${response.status} ${await response.text()}`);
}

const resourceOf = (service) => ({
  attributes: attributesOf({
    'service.name': service,
    'service.namespace': 'shop',
    'service.version': '1.2.3',
  }),
});

export async function sendSpans(url, spans) {
  const services = Map.groupBy ? Map.groupBy(spans, ({ service }) => service) : grouped(spans);
  await post(url, 'traces', {
    resourceSpans: [...services].map(([service, own]) => ({
      resource: resourceOf(service),
      scopeSpans: [
        { scope: { name: '@throughline/core' }, spans: own.map(({ service: _, ...rest }) => rest) },
      ],
    })),
  });
}

function grouped(spans) {
  const groups = new Map();
  for (const each of spans) groups.set(each.service, [...(groups.get(each.service) ?? []), each]);
  return groups;
}

async function sendLines(url, lines) {
  await post(url, 'logs', {
    resourceLogs: lines.map(
      ({ service, time, level = 9, message, traceId = '', spanId = '', attributes }) => ({
        resource: resourceOf(service),
        scopeLogs: [
          {
            logRecords: [
              {
                ...{ timeUnixNano: nanos(time), severityNumber: level, traceId, spanId },
                ...{ body: { stringValue: message }, attributes: attributesOf(attributes) },
              },
            ],
          },
        ],
      }),
    ),
  });
}

/** A request that reads a product: through a gateway, a cache, a database and a broker, to a consumer. */
export async function readProduct(url, start, { slowMillis = 12 } = {}) {
  const traceId = newTraceId();
  const [gateway, call, product, sent, seen] = Array.from({ length: 5 }, newSpanId);
  const route = (value) => ({
    'http.request.method': 'GET',
    'http.route': value,
    'http.response.status_code': 200,
  });
  const kafka = { 'messaging.system': 'kafka', 'messaging.destination.name': 'product-viewed' };
  const postgres = { 'db.system.name': 'postgresql', 'db.namespace': 'shop' };
  await sendSpans(url, [
    span('gateway', 'server', 'GET /shop/products/:id', start, slowMillis + 9, {
      ...{ traceId, spanId: gateway },
      attributes: { ...route('/shop/products/:id'), legacy_trace_id: `old-${traceId.slice(-4)}` },
    }),
    span('gateway', 'client', 'GET', start + 1, slowMillis + 7, {
      ...{ traceId, spanId: call, parent: gateway },
      attributes: { 'http.request.method': 'GET', 'server.address': '127.0.0.1', 'server.port': 3001 },
    }),
    span('product', 'server', 'GET /products/:id', start + 2, slowMillis + 5, {
      ...{ traceId, spanId: product, parent: call, attributes: route('/products/:id') },
    }),
    span('product', 'client', 'GET', start + 2.5, 0.6, {
      ...{ traceId, parent: product },
      attributes: { 'db.system.name': 'redis', 'db.query.text': 'GET product:?' },
    }),
    span('product', 'client', 'SELECT products', start + 3.5, slowMillis, {
      ...{ traceId, parent: product },
      attributes: { ...postgres, 'db.query.text': 'SELECT * FROM products WHERE id = ?' },
    }),
    span('product', 'producer', 'send product-viewed', start + 4 + slowMillis, 1.4, {
      ...{ traceId, spanId: sent, parent: product, attributes: kafka },
    }),
    span('views', 'consumer', 'process product-viewed', start + 12 + slowMillis, 6, {
      ...{ traceId, spanId: seen, parent: sent },
      attributes: { ...kafka, 'messaging.operation.type': 'process' },
    }),
    span('views', 'client', 'INSERT views', start + 13 + slowMillis, 4, {
      ...{ traceId, parent: seen, attributes: postgres },
    }),
  ]);
  await sendLines(url, [
    {
      service: 'gateway',
      time: start + 20,
      message: 'Product shown.',
      traceId,
      spanId: gateway,
      attributes: { product_id: '1' },
    },
    { service: 'product', time: start + 8, message: 'Product read.', traceId, spanId: product },
    { service: 'views', time: start + 31, message: 'View counted.', traceId, spanId: seen },
  ]);
  return traceId;
}

/** A checkout that fails because of a table that is missing. */
export async function failCheckout(url, start) {
  const traceId = newTraceId();
  const [gateway, call, product] = Array.from({ length: 3 }, newSpanId);
  const route = (value, status) => ({
    ...{ 'http.request.method': 'GET', 'http.route': value, 'http.response.status_code': status },
  });
  await sendSpans(url, [
    span('gateway', 'server', 'GET /shop/checkout', start, 14, {
      ...{ traceId, spanId: gateway, attributes: route('/shop/checkout', 502) },
      error: { type: 'ProductServiceError', message: 'the product service answered 500' },
    }),
    span('gateway', 'client', 'GET', start + 1, 12, {
      ...{ traceId, spanId: call, parent: gateway, attributes: { 'http.request.method': 'GET' } },
      error: { type: '500', message: '' },
    }),
    span('product', 'server', 'GET /stock', start + 2, 10, {
      ...{ traceId, spanId: product, parent: call, attributes: route('/stock', 500) },
      error: { type: 'StockUnavailableError', message: 'stock cannot be read' },
    }),
    span('product', 'client', 'SELECT stock', start + 3, 8, {
      ...{ traceId, parent: product },
      attributes: {
        'db.system.name': 'postgresql',
        'db.namespace': 'shop',
        'db.query.text': 'SELECT * FROM stock',
      },
      error: { type: '42P01', message: 'relation "stock" does not exist' },
    }),
  ]);
  await sendLines(url, [
    {
      service: 'product',
      time: start + 12,
      level: 17,
      message: 'Stock cannot be read.',
      traceId,
      spanId: product,
    },
  ]);
  return traceId;
}
