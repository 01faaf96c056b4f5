import type { Signal } from '../model/signal.js';
import {
  checkNumber,
  checkPemFile,
  checkTextRecord,
  checkUrl,
  checkWord,
  countLimits,
  group,
  millisLimits,
  option,
  parseNumber,
  parsePairs,
} from './option.js';

/** An export without any time could only fail. */
const exportMillisLimits = { ...millisLimits, min: 1 };

/** Less would not hold one item. */
const byteLimits = { min: 1_024, max: 1_073_741_824, integer: true };

const protocolNames = ['http/protobuf', 'http/json', 'grpc'] as const;

const checkProtocol = checkWord(protocolNames);
const parseProtocol = (text: string) => checkProtocol(text.trim());

/** Port of OTLP over gRPC: https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-default-port */
export const grpcPort = 4317;

/** Endpoint, headers, certificates and limits of one signal's OTLP exporter. The signal's variable is read before the general one. */
export function otlpMembers(signal: Signal) {
  const SIGNAL = signal.toUpperCase();
  const signalVariable = (suffix: string) => `OTEL_EXPORTER_OTLP_${SIGNAL}_${suffix}`;
  const general = (suffix: string) => `OTEL_EXPORTER_OTLP_${suffix}`;
  const pemFile = (suffix: string, what: Parameters<typeof checkPemFile>[0]) => {
    const parse = checkPemFile(what);
    const environment = [
      { name: signalVariable(suffix), parse },
      { name: general(suffix), parse },
    ];
    return { type: 'string', environment, parse };
  };
  return {
    protocol: option({
      type: "'http/protobuf' | 'http/json' | 'grpc'",
      description:
        'Protocol of the OTLP intake. `http/json` costs more. Use it only for an intake that accepts nothing else.',
      fallback: 'http/protobuf' as (typeof protocolNames)[number],
      fallbackText: `\`'http/protobuf'\`; \`'grpc'\` if the port of \`endpoint\` is ${grpcPort}`,
      environment: [
        { name: signalVariable('PROTOCOL'), parse: parseProtocol },
        { name: general('PROTOCOL'), parse: parseProtocol },
      ],
      parse: checkProtocol,
    }),
    endpoint: option({
      type: 'string',
      description: `Full URL of the OTLP intake for ${signal}. With \`grpc\` the path counts for nothing.`,
      fallback: `http://localhost:4318/v1/${signal}`,
      fallbackText: `\`http://localhost:4318/v1/${signal}\`; with \`grpc\` \`http://localhost:${grpcPort}\``,
      environment: [
        { name: signalVariable('ENDPOINT'), parse: checkUrl },
        {
          name: general('ENDPOINT'),
          parse: (text) => withSignalPath(checkUrl(text), signal),
          note: `\`/v1/${signal}\` is appended`,
        },
      ],
      parse: checkUrl,
    }),
    headers: option({
      type: 'Readonly<Record<string, string>>',
      description: 'Headers sent with every export, for example for authentication.',
      environment: [
        { name: signalVariable('HEADERS'), parse: parsePairs, note: '`key=value` pairs' },
        { name: general('HEADERS'), parse: parsePairs, note: '`key=value` pairs' },
      ],
      secret: true,
      parse: checkTextRecord,
    }),
    certificate: option({
      ...pemFile('CERTIFICATE', 'CERTIFICATE'),
      description:
        "PEM file with the certificate authorities that the intake's certificate is checked against, instead of those that Node trusts. Read once, at start.",
      fallbackText: 'those that Node trusts, including NODE_EXTRA_CA_CERTS',
    }),
    clientCertificate: option({
      ...pemFile('CLIENT_CERTIFICATE', 'CERTIFICATE'),
      description:
        'PEM file with the certificate that the service presents to an intake that asks for one. Read once, at start.',
      fallbackText: 'none',
    }),
    clientKey: option({
      ...pemFile('CLIENT_KEY', 'PRIVATE KEY'),
      description: 'PEM file with the private key of `clientCertificate`. Read once, at start.',
      fallbackText: 'none',
    }),
    compression: option({
      type: "'gzip' | 'none'",
      description: 'Compression of the exported data.',
      fallback: 'none' as 'gzip' | 'none',
      environment: [
        { name: signalVariable('COMPRESSION'), parse: checkWord(['gzip', 'none']) },
        { name: general('COMPRESSION'), parse: checkWord(['gzip', 'none']) },
      ],
      parse: checkWord(['gzip', 'none']),
    }),
    timeoutMillis: option({
      type: 'number',
      description: 'Maximum time for one export, retries included, in milliseconds.',
      fallback: 10_000,
      environment: [
        { name: signalVariable('TIMEOUT'), parse: parseNumber(exportMillisLimits) },
        { name: general('TIMEOUT'), parse: parseNumber(exportMillisLimits) },
      ],
      parse: checkNumber(exportMillisLimits),
    }),
  };
}

/** The queue between the service and an exporter. `prefix` is the one that the specification gives that signal. */
export function batchMembers(prefix: 'OTEL_BSP' | 'OTEL_BLRP', delayMillis: number) {
  return group('Batching before export. When the queue is full, data is dropped and counted.', {
    maxQueueSize: option({
      type: 'number',
      description: 'Maximum number of finished items that wait in memory for export.',
      fallback: 2048,
      environment: [{ name: `${prefix}_MAX_QUEUE_SIZE`, parse: parseNumber(countLimits) }],
      parse: checkNumber(countLimits),
    }),
    maxExportBatchSize: option({
      type: 'number',
      description: 'Maximum number of items in one export. It cannot exceed `maxQueueSize`.',
      fallback: 512,
      environment: [{ name: `${prefix}_MAX_EXPORT_BATCH_SIZE`, parse: parseNumber(countLimits) }],
      parse: checkNumber(countLimits),
    }),
    maxQueueBytes: option({
      type: 'number',
      description:
        'Maximum size of the items that wait in memory for export, in bytes. It does not apply to an exporter of your own and to spans as `http/json`.',
      fallback: 16 * 1_048_576,
      parse: checkNumber(byteLimits),
    }),
    maxExportBatchBytes: option({
      type: 'number',
      description:
        'An export is sent when its items have this size, in bytes, even if there are fewer than `maxExportBatchSize`. Intakes accept at least 4 MiB. It does not apply to an exporter of your own and to spans as `http/json`.',
      fallback: 1_048_576,
      parse: checkNumber(byteLimits),
    }),
    scheduledDelayMillis: option({
      type: 'number',
      description: 'Maximum time that an item waits for its batch to fill, in milliseconds.',
      fallback: delayMillis,
      environment: [{ name: `${prefix}_SCHEDULE_DELAY`, parse: parseNumber(millisLimits) }],
      parse: checkNumber(millisLimits),
    }),
    exportTimeoutMillis: option({
      type: 'number',
      description:
        'Maximum time for one export, retries included, in milliseconds. The shorter of this time and `timeoutMillis` applies.',
      fallback: 30_000,
      environment: [{ name: `${prefix}_EXPORT_TIMEOUT`, parse: parseNumber(exportMillisLimits) }],
      parse: checkNumber(exportMillisLimits),
    }),
  });
}

/** Appends the path of a signal; a query stays behind the path: `http://c:4318/?db=x` is `http://c:4318/v1/traces?db=x`. */
function withSignalPath(url: string, signal: string): string {
  const path = /^[^?#]*/.exec(url)?.[0] ?? url;
  return `${path.replace(/\/+$/, '')}/v1/${signal}${url.slice(path.length)}`;
}
