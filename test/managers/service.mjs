/*
 * The service that is installed by each package manager, as an ES module and as CommonJS. It counts with its own
 * prom-client and makes a span through its own OpenTelemetry API, where it has them.
 */
export function serviceSource({ dependencies, format, endpoint }) {
  const use = (names, from) =>
    format === 'esm'
      ? `import ${names} from '${from}';`
      : `const ${names.replace(' as ', ': ')} = require('${from}');`;
  const has = (name) => name in dependencies;
  return `
${use('express', 'express')}
${use('{ initObservability, logger }', '@throughline/core')}
${use('{ expressPlugin }', '@throughline/express')}
${has('prom-client') ? use('{ Counter }', 'prom-client') : ''}
${has('@opentelemetry/api') ? use('{ trace }', '@opentelemetry/api') : ''}

${has('prom-client') ? `const orders = new Counter({ name: 'orders_read_total', help: 'Orders read.', labelNames: ['channel'] });` : ''}
const observability = initObservability({
  serviceName: 'orders',
  traces: { endpoint: '${endpoint}/v1/traces' },
  metrics: { endpoint: { port: 0 } },
  plugins: [expressPlugin()],
});

const app = express();
app.get('/orders/:id', (request, response) => {
  ${has('prom-client') ? `orders.inc({ channel: 'web' });` : ''}
  ${has('@opentelemetry/api') ? `trace.getTracer('orders').startActiveSpan('price', (span) => span.end());` : ''}
  logger.info('order read');
  response.json({});
});
const server = app.listen(0, async () => {
  await observability.ready;
  await (await fetch('http://localhost:' + server.address().port + '/orders/1')).text();
  await observability.flush();
  console.log((await observability.metrics.render()).body);
  await observability.shutdown();
  server.closeAllConnections();
  server.close();
});
`;
}
