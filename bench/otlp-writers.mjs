/*
 * CPU time of turning log records and pushed metrics into OTLP protobuf: Throughline's writers, the stock serializers, and
 * OTLP/JSON that is then made protobuf, field by field. Rounds are interleaved in one run; everything is bundled from source.
 *
 *   node bench/otlp-writers.mjs --rounds 10
 */
import { parseArgs } from 'node:util';
import { fromSource } from './from-source.mjs';
import { median } from './measured-service.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    records: { type: 'string', default: '20000' },
    points: { type: 'string', default: '2000' },
  },
});
const parts = await fromSource(`
  export { LogRequestWriter } from './export/log-request.js';
  export { JsonLogRequestWriter } from './export/json-log-request.js';
  export { createMetricRequests } from './export/metric-request.js';
  export { protobufOfJson } from './recorder/otlp/json-request.js';
  export { JsonMetricsSerializer, ProtobufLogsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
  export { resourceFromAttributes } from '@opentelemetry/resources';
`);

const resource = parts.resourceFromAttributes({ 'service.name': 'bench', 'service.version': '1.0.0' });
const scope = { name: 'bench', version: '1.0.0' };
const batch = 512;

function logVariants(count) {
  const record = (i) => ({
    timestamp: new Date(1_700_000_000_000 + i),
    severityNumber: 9,
    severityText: 'info',
    body: 'order read',
    attributes: {
      order: String(i),
      durationMillis: 12.5,
      user: { id: i % 100, plan: 'free' },
      tags: ['a', 'b'],
    },
    spanContext: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 },
  });
  const written =
    (writer, after = (body) => body) =>
    () => {
      for (let i = 0; i < count; i++) {
        writer.add(undefined, record(i));
        if (writer.spanCount >= batch) after(writer.take());
      }
    };
  const json = new parts.JsonLogRequestWriter(resource, scope);
  return {
    throughline: written(new parts.LogRequestWriter(resource, scope)),
    'by way of JSON': written(json, (body) => parts.protobufOfJson('logs', JSON.parse(body.toString()))),
    stock() {
      let records = [];
      for (let i = 0; i < count; i++) {
        const { timestamp, ...rest } = record(i);
        const millis = timestamp.getTime();
        const hrTime = [Math.floor(millis / 1_000), (millis % 1_000) * 1e6];
        const times = { hrTime, hrTimeObserved: hrTime };
        records.push({ ...rest, ...times, resource, instrumentationScope: scope, droppedAttributesCount: 0 });
        if (records.length < batch) continue;
        parts.ProtobufLogsSerializer.serializeRequest(records);
        records = [];
      }
    },
  };
}

function metricVariants(count) {
  const times = { startTime: [1_700_000_000, 0], endTime: [1_700_000_060, 0] };
  const boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
  const dataPoints = Array.from({ length: count }, (_, i) => ({
    ...times,
    attributes: { service_name: 'bench', http_route: `/orders-${i % 500}/:id`, http_request_method: 'GET' },
    value: {
      buckets: { boundaries, counts: [...boundaries, 1].map((_bound, at) => at + i) },
      count: 100,
      sum: 12.5,
    },
  }));
  const descriptor = {
    name: 'http_server_request_duration_seconds',
    description: 'Duration.',
    unit: '',
    valueType: 1,
  };
  const metrics = [{ descriptor, dataPointType: 0, aggregationTemporality: 1, dataPoints }];
  const all = { resource, scopeMetrics: [{ scope, metrics }] };
  const write = parts.createMetricRequests();
  return {
    throughline: () => write(all),
    'JSON only': () => parts.JsonMetricsSerializer.serializeRequest(all),
    stock: () => parts.ProtobufMetricsSerializer.serializeRequest(all),
  };
}

console.log(`Node ${process.version}, ${values.rounds} rounds`);
measure('log record', Number(values.records), logVariants);
measure('histogram of 14 buckets', Number(values.points), metricVariants);

function measure(what, count, variantsOf) {
  const variants = Object.entries(variantsOf(count));
  const micros = Object.fromEntries(variants.map(([name]) => [name, []]));
  for (let round = -3; round < Number(values.rounds); round++) {
    for (let i = 0; i < variants.length; i++) {
      const [name, run] = variants[(i + round + 3) % variants.length];
      const before = process.cpuUsage();
      run();
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) micros[name].push((user + system) / count);
    }
  }
  for (const [name] of variants) {
    const ratio = median(micros[name].map((value, round) => value / micros.throughline[round]));
    console.log(
      `${what.padEnd(24)} ${name.padEnd(15)} ${median(micros[name]).toFixed(2).padStart(6)} µs  ${ratio.toFixed(2)} × throughline`,
    );
  }
}
