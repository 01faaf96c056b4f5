import type { IncomingMessage, ServerResponse } from 'node:http';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { OtlpError } from '../intake/otlp-error.js';
import { decodeJson } from '../intake/otlp-json.js';
import { decodeProtobuf } from '../intake/otlp-protobuf.js';
import { type OtlpSignal, otlpSignals, type Received } from '../intake/otlp-request.js';
import { BodyTooLarge, readBody } from '../intake/request-body.js';
import { isFromBrowser } from './access.js';

/** What could not be read since the start. */
export interface Refused {
  requests: number;
  items: number;
  lastReason: string | undefined;
}

const pathPrefix = '/v1/';

/** The signal whose intake this path is. https://opentelemetry.io/docs/specs/otlp/#otlphttp-request */
export const signalOfPath = (path: string): OtlpSignal | undefined =>
  otlpSignals.find((signal) => path === `${pathPrefix}${signal}`);

type Encoding = 'protobuf' | 'json';

/** Takes an OTLP request, and answers it as the protocol says. */
export async function takeOtlp(
  signal: OtlpSignal,
  request: IncomingMessage,
  response: ServerResponse,
  { refused, add }: { readonly refused: Refused; add(received: Received): void },
): Promise<void> {
  const refuse = (status: number, message: string, encoding: Encoding | undefined) => {
    refused.requests++;
    refused.lastReason = message;
    // What is left of the body is not read.
    if (!request.complete) response.setHeader('connection', 'close');
    answer(response, status, encoding ?? 'json', statusMessage(encoding ?? 'json', message));
  };
  const encoding = encodingOf(request.headers['content-type']);
  if (request.method !== 'POST') {
    response.setHeader('allow', 'POST');
    return refuse(405, 'OTLP is sent by POST.', encoding);
  }
  if (isFromBrowser(request)) return refuse(403, 'Web pages cannot send telemetry here.', encoding);
  if (!encoding) {
    return refuse(415, 'The content type must be application/x-protobuf or application/json.', undefined);
  }
  let received: Received;
  try {
    const body = await readBody(request);
    received = encoding === 'json' ? decodeJson(signal, body.toString('utf8')) : decodeProtobuf(signal, body);
  } catch (error) {
    if (error instanceof OtlpError) return refuse(400, error.message, encoding);
    if (error instanceof BodyTooLarge) return refuse(413, error.message, encoding);
    throw error;
  }
  const { rejected } = received;
  if (rejected.length > 0) {
    refused.items += rejected.length;
    refused.lastReason = rejected[0];
  }
  add(received);
  answer(response, 200, encoding, successMessage(signal, encoding, rejected));
}

function encodingOf(contentType = ''): Encoding | undefined {
  const [type] = contentType.split(';', 1);
  if (type?.trim() === 'application/x-protobuf') return 'protobuf';
  return type?.trim() === 'application/json' ? 'json' : undefined;
}

function answer(
  response: ServerResponse,
  status: number,
  encoding: Encoding,
  body: Uint8Array | string,
): void {
  const type = encoding === 'json' ? 'application/json' : 'application/x-protobuf';
  response.writeHead(status, { 'content-type': type });
  response.end(body);
}

/** `google.rpc.Status`, with which OTLP reports failures. */
function statusMessage(encoding: Encoding, message: string): Uint8Array | string {
  const invalidArgument = 3;
  if (encoding === 'json') return JSON.stringify({ code: invalidArgument, message });
  return new BinaryWriter().uint32(8).int32(invalidArgument).uint32(18).string(message).finish();
}

const rejectedNames = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
} as const;

/** An empty response, or one that says what was rejected. https://opentelemetry.io/docs/specs/otlp/#partial-success */
function successMessage(
  signal: OtlpSignal,
  encoding: Encoding,
  rejected: readonly string[],
): Uint8Array | string {
  const [errorMessage] = rejected;
  if (errorMessage === undefined) return encoding === 'json' ? '{}' : new Uint8Array();
  if (encoding === 'json') {
    return JSON.stringify({
      partialSuccess: { [rejectedNames[signal]]: String(rejected.length), errorMessage },
    });
  }
  const partial = new BinaryWriter()
    .uint32(8)
    .int64(rejected.length)
    .uint32(18)
    .string(errorMessage)
    .finish();
  return new BinaryWriter().uint32(10).bytes(partial).finish();
}
