/*
 * CPU time and garbage of one span, from its start to its bytes: Throughline's recorder against the SDK's tracer with the
 * stock serializer. Both make the same spans; rounds are interleaved in one run. The recorder is bundled from source.
 *
 *   node bench/spans.mjs --rounds 10 --spans 100000
 *   node bench/spans.mjs --unsampled       what is left of a span that is not recorded: ids and the decision
 */
import { parseArgs } from 'node:util';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { fromSource } from './from-source.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    spans: { type: 'string', default: '50000' },
    kind: { type: 'string', default: 'server,database,error' },
    variants: { type: 'string', default: 'sdk,recorder' },
    unsampled: { type: 'boolean', default: false },
  },
});
const parts = await fromSource(`
  export { createRecorder } from './recorder/tracer-provider.js';
  export { TraceRequestWriter } from './recorder/otlp/trace-request.js';
  export { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
  export { AlwaysOffSampler, AlwaysOnSampler } from '@opentelemetry/sdk-trace-base';
  export { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
  export { resourceFromAttributes } from '@opentelemetry/resources';
`);

const createSampler = () => (values.unsampled ? new parts.AlwaysOffSampler() : new parts.AlwaysOnSampler());

const batch = 512;
const attributes = { 'service.name': 'bench', 'service.version': '1.0.0', 'host.name': 'one' };
const variants = {
  sdk() {
    let spans = [];
    const provider = new parts.NodeTracerProvider({
      resource: parts.resourceFromAttributes(attributes),
      sampler: createSampler(),
      spanProcessors: [
        {
          onStart() {},
          onEnd(span) {
            spans.push(span);
            if (spans.length < batch) return;
            parts.ProtobufTraceSerializer.serializeRequest(spans);
            spans = [];
          },
          forceFlush: async () => {},
          shutdown: async () => {},
        },
      ],
    });
    return provider.getTracer('bench', '1.0.0');
  },
  recorder() {
    const request = new parts.TraceRequestWriter({ attributes });
    const sampler = Object.assign(createSampler(), { ignoresAttributes: true });
    const provider = parts.createRecorder({
      sampler,
      written(section, span) {
        request.add(section, span);
        if (request.spanCount >= batch) request.take();
      },
    });
    return provider.getTracer('bench', '1.0.0');
  },
};

const failure = new Error('relation "orders" does not exist');
const work = {
  server(tracer, i) {
    const span = tracer.startSpan(
      'GET',
      {
        kind: SpanKind.SERVER,
        attributes: {
          'http.request.method': 'GET',
          'url.scheme': 'http',
          'network.protocol.version': '1.1',
          'server.address': 'orders.internal',
          'server.port': 8080,
          'network.peer.address': '10.0.0.7',
          'client.address': '10.0.0.7',
          'user_agent.original': 'bench/1.0',
          'url.path': `/orders/${i}`,
          'network.peer.port': 30_000 + (i % 30_000),
        },
      },
      ROOT_CONTEXT,
    );
    span.setAttribute('http.response.status_code', 200);
    span.setAttribute('http.route', '/orders/:id');
    span.updateName('GET /orders/:id');
    span.end();
  },
  database(tracer, i) {
    const span = tracer.startSpan(
      'SELECT orders',
      {
        kind: SpanKind.CLIENT,
        attributes: {
          'db.system.name': 'postgresql',
          'db.namespace': 'shop',
          'db.query.text': 'SELECT id, customer, total FROM orders WHERE id = $1',
          'db.operation.name': 'SELECT',
          'db.collection.name': 'orders',
          'server.address': 'postgres.internal',
          'server.port': 5432,
        },
      },
      ROOT_CONTEXT,
    );
    span.end(i < 0 ? 1 : undefined);
  },
  error(tracer) {
    const span = tracer.startSpan('work', {}, ROOT_CONTEXT);
    span.recordException(failure);
    span.setStatus({ code: SpanStatusCode.ERROR, message: failure.message });
    span.end();
  },
};

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const count = Number(values.spans);
const names = values.variants.split(',');
console.log(`Node ${process.version}, ${values.rounds} rounds of ${count} spans`);
for (const kind of values.kind.split(',')) {
  const tracers = Object.fromEntries(names.map((name) => [name, variants[name]()]));
  const micros = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -3; round < Number(values.rounds); round++) {
    for (let j = 0; j < names.length; j++) {
      const name = names[(j + round + 3) % names.length];
      const before = process.cpuUsage();
      for (let i = 0; i < count; i++) work[kind](tracers[name], i);
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) micros[name].push((user + system) / count);
    }
  }
  for (const name of names) {
    const ratio = median(micros[name].map((value, round) => value / micros[names[0]][round]));
    console.log(
      `${kind.padEnd(9)} ${name.padEnd(9)} ${median(micros[name]).toFixed(2).padStart(6)} µs  ${ratio.toFixed(2)} × ${names[0]}`,
    );
  }
}
