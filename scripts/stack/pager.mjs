import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * Takes what Alertmanager says to its receivers, each at the path of its name.
 * https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
export async function startPager() {
  const received = [];
  const server = createServer(async (request, response) => {
    const { alerts } = JSON.parse(await text(request));
    received.push(...alerts.map((alert) => ({ ...alert, receiver: request.url.slice(1) })));
    response.end();
  });
  server.unref();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, received: () => received };
}
