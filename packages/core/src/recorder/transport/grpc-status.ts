import { grpcStatusNames } from '../../model/grpc-status.js';
import { eachField } from './protobuf-fields.js';

const resourceExhausted = 8;

/** https://opentelemetry.io/docs/specs/otlp/#failures: these may be tried again; 8 only where the intake says when. */
const retryable = new Set([1, 4, 10, 11, 14, 15]);

export interface GrpcStatus {
  readonly code: number;
  readonly name: string;
  readonly message: string;
  readonly isRetryable: boolean;
  readonly retryInMillis: number | undefined;
}

type Fields = Readonly<Record<string, string | string[] | undefined>>;

/** Reads the status from the trailers, or from the headers of an answer that has nothing else. */
export function grpcStatusOf(fields: Fields): GrpcStatus | undefined {
  const text = fields['grpc-status'];
  if (typeof text !== 'string' || !/^\d+$/.test(text)) return undefined;
  const code = Number(text);
  const retryInMillis = retryDelayOf(fields['grpc-status-details-bin']);
  return {
    code,
    name: grpcStatusNames[code] ?? `status ${code}`,
    message: decoded(fields['grpc-message']),
    isRetryable: retryable.has(code) || (code === resourceExhausted && retryInMillis !== undefined),
    retryInMillis,
  };
}

const maxMessageLength = 256;

/** Percent-encoded: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses */
function decoded(message: string | string[] | undefined): string {
  if (typeof message !== 'string') return '';
  let text = message;
  try {
    text = decodeURIComponent(message);
  } catch {
    // As it stands, then.
  }
  return text.replace(/\s+/g, ' ').trim().slice(0, maxMessageLength);
}

/** `retry_delay` of the RetryInfo among the details of a google.rpc.Status. */
function retryDelayOf(details: string | string[] | undefined): number | undefined {
  if (typeof details !== 'string') return undefined;
  let millis: number | undefined;
  try {
    eachField(Buffer.from(details, 'base64'), (field, detail) => {
      // Status.details: google.protobuf.Any
      if (field !== 3 || typeof detail === 'number') return;
      let isRetryInfo = false;
      eachField(detail, (part, value) => {
        if (typeof value === 'number') return;
        if (part === 1) isRetryInfo = Buffer.from(value).toString().endsWith('/google.rpc.RetryInfo');
        if (part === 2 && isRetryInfo) millis = delayOf(value);
      });
    });
  } catch {
    return undefined;
  }
  return millis;
}

function delayOf(retryInfo: Uint8Array): number {
  let millis = 0;
  eachField(retryInfo, (field, duration) => {
    if (field !== 1 || typeof duration === 'number') return;
    eachField(duration, (part, value) => {
      if (typeof value !== 'number') return;
      if (part === 1) millis += value * 1_000;
      if (part === 2) millis += value / 1e6;
    });
  });
  return Math.ceil(millis);
}
