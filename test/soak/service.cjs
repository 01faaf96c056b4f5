// The service under load: requests that succeed, fail, call others, log, and are left by their clients.
const http = require('node:http');
const { initObservability, withSpan, logger, counter } = require('@throughline/core');
const observability = initObservability({
  serviceName: 'soak',
  metrics: { endpoint: false },
  traces: { keepErrors: true, samplingRatio: 0.5, timeoutMillis: 500, batch: { scheduledDelayMillis: 100 } },
  logs: { destinations: ['otlp'] },
});
const placed = counter({ name: 'soak_requests_total', help: 'Requests.', labelNames: ['kind'] });

const server = http.createServer(async (request, response) => {
  const kind = request.url.split('/')[1];
  placed.inc({ kind });
  try {
    if (kind === 'ok') await withSpan('work', () => logger.info('worked', { path: request.url }));
    else if (kind === 'error')
      await withSpan('work', async () => Promise.reject(new Error(`failed: ${request.url}`)));
    else if (kind === 'call')
      await (await fetch(`http://127.0.0.1:${server.address().port}/ok/by-call`)).text();
    else if (kind === 'unread') await fetch(`http://127.0.0.1:${server.address().port}/ok/unread`);
    else if (kind === 'slow') await new Promise((resolve) => setTimeout(resolve, 50));
    response.end('done');
  } catch (error) {
    logger.error('failed', { error });
    response.statusCode = 500;
    response.end('failed');
  }
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

async function sample() {
  // Twice: the first lets finalizers run.
  for (let i = 0; i < 2; i++) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, rss } = process.memoryUsage();
  const { body } = await observability.metrics.render();
  return {
    heapBytes: heapUsed,
    rssBytes: rss,
    handles: process.getActiveResourcesInfo().filter((name) => name !== 'TCPSocketWrap').length,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    series: body.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length,
    active: Number(/^http_server_active_requests\{[^}]*\} (\d+)/m.exec(body)?.[1] ?? 0),
  };
}
process.on('message', async (message) => {
  if (message === 'sample') process.send({ sample: await sample() });
});
process.on('disconnect', () => process.exit(0));
