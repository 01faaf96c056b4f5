import { randomBytes } from 'node:crypto';
import { Empty } from './empty.mjs';

/**
 * The intakes of tempo.yaml for services that do not send OTLP yet: a span sent to each has to come out again. Jaeger
 * has the same receivers, and is given the same block.
 */
export function checksOfIntakes({ traces, intakes }) {
  const check = (name, send) => {
    const sent = {};
    return {
      group: `intakes of ${traces.name}`,
      name,
      run: async () => {
        if (!sent.traceId) {
          const traceId = randomBytes(16).toString('hex');
          const { url, contentType, body } = send(traceId);
          const response = await fetch(url, {
            method: 'POST',
            headers: { 'content-type': contentType },
            body,
          });
          if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
          sent.traceId = traceId;
        }
        const spans = await traces.spansOf(sent.traceId);
        if (!spans.some(({ name, resource }) => name === 'get' && resource['service.name'] === 'old'))
          throw new Empty(`trace ${sent.traceId} is not there yet`);
      },
    };
  };
  return [
    check('Zipkin', (traceId) => ({
      url: `${intakes.zipkin}/api/v2/spans`,
      contentType: 'application/json',
      body: zipkinSpan(traceId),
    })),
    check('Jaeger', (traceId) => ({
      url: `${intakes.jaeger}/api/traces?format=jaeger.thrift`,
      contentType: 'application/x-thrift',
      body: jaegerBatch(traceId),
    })),
  ];
}

const spanId = '6b221d5bc9e6496c';
const durationMicros = 1_000;

function zipkinSpan(traceId) {
  return JSON.stringify([
    {
      traceId,
      id: spanId,
      name: 'get',
      timestamp: Date.now() * 1000,
      duration: durationMicros,
      localEndpoint: { serviceName: 'old' },
    },
  ]);
}

/**
 * Thrift's binary protocol, with the fields of Batch, Process and Span that must be there.
 * https://github.com/jaegertracing/jaeger-idl/blob/main/thrift/jaeger.thrift
 */
function jaegerBatch(traceId) {
  const id = (hex) => i64(BigInt(`0x${hex}`));
  const process = struct(text(1, 'old'));
  const span = struct(
    field(10, 1, id(traceId.slice(16))),
    field(10, 2, id(traceId.slice(0, 16))),
    field(10, 3, id(spanId)),
    field(10, 4, i64(0n)),
    text(5, 'get'),
    field(8, 7, i32(1)),
    field(10, 8, i64(BigInt(Date.now()) * 1000n)),
    field(10, 9, i64(BigInt(durationMicros))),
  );
  const oneSpan = Buffer.concat([Buffer.from([12]), i32(1), span]);
  return struct(field(12, 1, process), field(15, 2, oneSpan));
}

function struct(...fields) {
  return Buffer.concat([...fields, Buffer.from([0])]);
}

function field(type, id, value) {
  return Buffer.concat([Buffer.from([type, 0, id]), value]);
}

function text(id, value) {
  return field(11, id, Buffer.concat([i32(Buffer.byteLength(value)), Buffer.from(value)]));
}

function i32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function i64(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
