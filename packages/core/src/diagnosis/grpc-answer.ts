import { otlpIntake } from '../export/otlp-intake.js';
import type { Signal } from '../model/signal.js';
import { protobufOfJson } from '../recorder/otlp/json-request.js';
import { judge, type Verdict } from './otlp-answer.js';
import type { OtlpRequestOptions } from './otlp-request.js';

/** Sends one OTLP request by gRPC as the exporter would, once, and says what is wrong with the answer. */
export async function askByGrpc(
  signal: Signal,
  options: OtlpRequestOptions,
  body: object,
): Promise<Verdict | undefined> {
  const intake = otlpIntake(signal, { ...options, protocol: 'grpc' });
  // Not tried again.
  intake.hurry(options.timeoutMillis);
  try {
    const result = await intake.send({ body: protobufOfJson(signal, body), spanCount: 1 });
    if (result.status === 'accepted') {
      return result.rejectedCount > 0
        ? {
            code: 'OBS_ENDPOINT_REJECTED',
            says: `rejects the data (${result.message || 'without a reason'})`,
          }
        : undefined;
    }
    return judgeFailure(result.error, new URL(options.endpoint));
  } finally {
    intake.abandon();
  }
}

const unauthorized = new Set(['UNAUTHENTICATED', 'PERMISSION_DENIED']);
const unavailable = new Set([
  'UNAVAILABLE',
  'RESOURCE_EXHAUSTED',
  'DEADLINE_EXCEEDED',
  'ABORTED',
  'CANCELLED',
]);

function judgeFailure(error: NodeJS.ErrnoException & { grpcStatus?: string }, endpoint: URL): Verdict {
  const { grpcStatus, message, code } = error;
  const shown = message.replace(/^the intake answered /, '');
  if (grpcStatus === undefined) {
    if (code?.startsWith('ERR_HTTP2') || message.includes('without a gRPC status')) {
      return {
        code: 'OBS_ENDPOINT_NOT_OTLP',
        says: `does not speak gRPC (${shown})`,
        cause: 'The port belongs to an OTLP/HTTP receiver (normally 4318), a web page, or another service.',
        fix: 'Use the port of the gRPC receiver, normally 4317, or set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf.',
      };
    }
    if (/^no answer/.test(message))
      return { code: 'OBS_ENDPOINT_TIMEOUT', says: `does not answer (${message})` };
    return judge({ error }, endpoint) as Verdict;
  }
  if (unauthorized.has(grpcStatus)) {
    return { code: 'OBS_ENDPOINT_UNAUTHORIZED', says: `refuses the credentials (${shown})` };
  }
  if (unavailable.has(grpcStatus)) {
    return { code: 'OBS_ENDPOINT_UNAVAILABLE', says: `cannot accept data now (${shown})` };
  }
  if (grpcStatus === 'UNIMPLEMENTED') {
    return { code: 'OBS_ENDPOINT_NOT_OTLP', says: `speaks gRPC, but has no OTLP receiver (${shown})` };
  }
  return { code: 'OBS_ENDPOINT_REJECTED', says: `rejects the data (${shown})` };
}
