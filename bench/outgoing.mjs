/*
 * CPU time that observing adds to one outgoing HTTP call: nothing, Throughline (span, trace headers, metric and
 * exemplar), and the stock instrumentations (span and trace headers), interleaved in one run against a local server in
 * another process. Build first: npm run build.
 *
 *   node bench/outgoing.mjs --rounds 10 --calls 5000
 *   EXPORT=none node bench/outgoing.mjs      the spans of the stock variant are made and go nowhere
 *
 * Throughline writes each span as OTLP at its end and sends it in both cases.
 */
import { once } from 'node:events';
import http from 'node:http';
import { parseArgs } from 'node:util';
import { compareAdded, startClients } from './added-cost.mjs';
import { startIntake } from './measured-service.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    calls: { type: 'string', default: '5000' },
    variants: { type: 'string', default: 'none,throughline,stock' },
    operations: { type: 'string', default: 'fetch,http.request' },
  },
});
const count = Number(values.calls);
const variants = values.variants.split(',');

const server = http.createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":1,"name":"mug"}');
});
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const intake = await startIntake();
let clients = [];
try {
  clients = await startClients('outgoing-client.cjs', variants, {
    SERVER_URL: `http://127.0.0.1:${server.address().port}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: intake.url,
  });
  console.log(`Node ${process.version}, ${values.rounds} rounds of ${count} calls, CPU per call`);
  await compareAdded(clients, values.operations.split(','), {
    rounds: Number(values.rounds),
    count,
    nameWidth: 12,
  });
} finally {
  for (const { child } of clients) child.kill();
  intake.stop();
  server.close();
  server.closeAllConnections();
}
