/**
 * The way of one request through the shop: the spans that follow one another from the gateway to PostgreSQL, and
 * across the broker to views and its own PostgreSQL statement, each the child of the one before. A span that is not there is undefined, and so are those after it.
 */
export function wayThroughShop(spans) {
  const below = (parent, wanted) =>
    parent && spans.find((span) => span.parentSpanId === parent.spanId && wanted(span));
  const isOf = (service, kind) => (span) => serviceOf(span) === service && span.kind === kind;
  const gatewayServer = spans.find((span) => !span.parentSpanId && isOf('gateway', 'server')(span));
  const gatewayClient = below(gatewayServer, isOf('gateway', 'client'));
  const productServer = below(gatewayClient, isOf('product', 'server'));
  const operation = (system, name) =>
    below(
      productServer,
      (span) =>
        isOf('product', 'client')(span) &&
        span.attributes['db.system.name'] === system &&
        (name === undefined || span.attributes['db.operation.name'] === name),
    );
  const published = below(productServer, isOf('product', 'producer'));
  const processed = below(published, isOf('views', 'consumer'));
  return {
    gatewayServer,
    gatewayClient,
    productServer,
    database: operation('postgresql'),
    cacheRead: operation('redis', 'GET'),
    cacheWrite: operation('redis', 'SET'),
    published,
    processed,
    counted: below(processed, isOf('views', 'client')),
  };
}

export function serviceOf(span) {
  return span.serviceName;
}

/** The spans of a trace as an indented list, children below their parent. */
export function drawTrace(spans) {
  const ids = new Set(spans.map((span) => span.spanId));
  const draw = (parentIds, depth) =>
    spans
      .filter((span) => parentIds(span))
      .flatMap((span) => {
        const place = `${'  '.repeat(depth)}${serviceOf(span)}  ${span.name}`;
        const error = span.attributes['error.type'] ?? span.statusMessage;
        const outcome = span.isError ? `  error: ${error}` : '';
        return [
          `${place.padEnd(56)} ${span.durationMillis.toFixed(1).padStart(7)} ms${outcome}`,
          ...draw((child) => child.parentSpanId === span.spanId, depth + 1),
        ];
      });
  return draw((span) => !ids.has(span.parentSpanId), 0);
}
