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
import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, startIntake } from './measured-service.mjs';

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
const clients = [];
try {
  for (const variant of variants) {
    const child = fork(fileURLToPath(new URL('outgoing-client.cjs', import.meta.url)), [variant], {
      env: {
        ...process.env,
        SERVER_URL: `http://127.0.0.1:${server.address().port}`,
        OTEL_EXPORTER_OTLP_ENDPOINT: intake.url,
      },
    });
    await once(child, 'message');
    clients.push({ variant, child });
  }
  const measure = async (child, operation) => {
    child.send({ operation, count });
    return (await once(child, 'message'))[0];
  };
  console.log(`Node ${process.version}, ${values.rounds} rounds of ${count} calls, CPU per call`);
  for (const operation of values.operations.split(',')) {
    const micros = Object.fromEntries(variants.map((variant) => [variant, []]));
    for (let round = -1; round < Number(values.rounds); round++) {
      for (let i = 0; i < clients.length; i++) {
        const { variant, child } = clients[(i + round + clients.length) % clients.length];
        const value = await measure(child, operation);
        if (round >= 0) micros[variant].push(value);
      }
    }
    for (const variant of variants) {
      const added = micros[variant].map((value, round) => value - micros.none[round]);
      console.log(
        `${operation.padEnd(12)} ${variant.padEnd(12)} ${median(micros[variant]).toFixed(1).padStart(6)} µs   +${median(added).toFixed(1)} µs   least ${Math.min(...micros[variant]).toFixed(1)} µs`,
      );
    }
  }
} finally {
  for (const { child } of clients) child.kill();
  intake.stop();
  server.close();
  server.closeAllConnections();
}
