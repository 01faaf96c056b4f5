// The service under load: requests that succeed, fail, call others, log, and are left by their clients.
const http = require('node:http');

const telemetry = process.env.SOAK_BARE ? withoutTelemetry() : withThroughline();

const server = http.createServer(async (request, response) => {
  const kind = request.url.split('/')[1];
  telemetry.count(kind);
  try {
    if (kind === 'ok') await telemetry.work(() => telemetry.logger.info('worked', { path: request.url }));
    else if (kind === 'error')
      await telemetry.work(async () => Promise.reject(new Error(`failed: ${request.url}`)));
    else if (kind === 'call')
      await (await fetch(`http://127.0.0.1:${server.address().port}/ok/by-call`)).text();
    else if (kind === 'unread') await fetch(`http://127.0.0.1:${server.address().port}/ok/unread`);
    else if (kind === 'slow') await new Promise((resolve) => setTimeout(resolve, 50));
    // The client leaves after this, and the answer never ends.
    else if (kind === 'part') return void response.write('a part of the answer');
    response.end('done');
  } catch (error) {
    telemetry.logger.error('failed', { error });
    response.statusCode = 500;
    response.end('failed');
  }
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

function withThroughline() {
  const { initObservability, withSpan, logger, counter } = require('@throughline/core');
  const observability = initObservability({
    serviceName: 'soak',
    metrics: { endpoint: false },
    traces: {
      keepErrors: true,
      samplingRatio: 0.5,
      timeoutMillis: 500,
      batch: { scheduledDelayMillis: 100 },
    },
    logs: { destinations: ['otlp'] },
  });
  const placed = counter({ name: 'soak_requests_total', help: 'Requests.', labelNames: ['kind'] });
  return {
    logger,
    count: (kind) => placed.inc({ kind }),
    work: (fn) => withSpan('work', fn),
    render: async () => (await observability.metrics.render()).body,
  };
}

function withoutTelemetry() {
  return {
    logger: { info() {}, error() {} },
    count() {},
    work: (fn) => fn(),
    render: async () => '',
  };
}

async function sample() {
  // Several times: the first lets finalizers run, and what they free goes with the next.
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, rss, external, arrayBuffers } = process.memoryUsage();
  const body = await telemetry.render();
  const emitters = [process, server, http.globalAgent];
  return {
    heapBytes: heapUsed,
    rssBytes: rss,
    externalBytes: external,
    arrayBufferBytes: arrayBuffers,
    handles: process.getActiveResourcesInfo().filter((name) => name !== 'TCPSocketWrap').length,
    listeners: emitters.reduce((sum, emitter) => sum + listenersOf(emitter), 0),
    series: body.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length,
    active: Number(/^http_server_active_requests\{[^}]*\} (\d+)/m.exec(body)?.[1] ?? 0),
  };
}

function listenersOf(emitter) {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
}

process.on('message', async (message) => {
  if (message === 'sample') process.send({ sample: await sample() });
});
process.on('disconnect', () => process.exit(0));
