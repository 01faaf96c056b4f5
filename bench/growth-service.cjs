/*
 * A service whose number of routes and of spans per request can be chosen: /route-<number>/<id>?spans=<count>. It is a
 * plain HTTP server with a plugin that names the routes, so that the cost of a router is not measured. Run by
 * growth.mjs, with and without Throughline.
 */
const http = require('node:http');

let withSpan = (_name, run) => run();
if (process.argv[2] === 'throughline') {
  const throughline = require('@throughline/core');
  withSpan = throughline.withSpan;
  throughline.initObservability({
    serviceName: 'bench',
    metrics: { endpoint: { port: 0 } },
    logs: { level: 'error' },
    plugins: [
      {
        name: 'routes',
        setup({ http: requests }) {
          globalThis.routeOf = (request, route) => requests.setRoute(request, route);
        },
      },
    ],
  });
}

const server = http.createServer((request, response) => {
  const { url } = request;
  const route = url.slice(0, url.indexOf('/', 1));
  globalThis.routeOf?.(request, `${route}/:id`);
  const spans = Number(url.slice(url.indexOf('=') + 1));
  for (let i = 0; i < spans; i++) withSpan('step', (span) => span?.setAttribute('step.number', i));
  response.end('done');
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

process.on('disconnect', () => process.exit(0));
process.on('message', ({ ask, perSecond, seconds }) => {
  if (ask === 'make spans') makeSpans(perSecond, seconds);
});

/**
 * In turns of ten milliseconds. What a busy machine delays is made up for in turns of at most twice the size: no exporter
 * can send while a service does nothing but make spans.
 */
function makeSpans(perSecond, seconds) {
  const cpu = process.cpuUsage();
  const startMillis = performance.now();
  let made = 0;
  const timer = setInterval(async () => {
    const elapsedSeconds = Math.min(seconds, (performance.now() - startMillis) / 1_000);
    const end = Math.min(elapsedSeconds * perSecond, made + (2 * perSecond) / 100);
    for (; made < end; made++) {
      withSpan('step', (span) =>
        span.setAttributes({ 'step.number': made, 'step.kind': 'load', 'step.part': 'a' }),
      );
    }
    if (elapsedSeconds < seconds) return;
    clearInterval(timer);
    const { user, system } = process.cpuUsage(cpu);
    const observability = require('@throughline/core').getObservability();
    await observability.flush({ timeoutMillis: 30_000 });
    process.send({
      made,
      cpuShare: (user + system) / 1e6 / seconds,
      text: (await observability.metrics.render()).body,
    });
  }, 10);
}
