import { eachField } from './protobuf-fields.js';

/**
 * What an intake that accepted a request says about parts of it: ExportTracePartialSuccess, and its likes for logs and
 * metrics, which have the same fields under other names.
 */
export interface PartialSuccess {
  readonly rejectedCount: number;
  readonly message: string | undefined;
}

const rejectedNames = ['rejectedSpans', 'rejectedLogRecords', 'rejectedDataPoints'] as const;

const nothing: PartialSuccess = { rejectedCount: 0, message: undefined };

/** Reads an Export…ServiceResponse, as protobuf or as JSON; what cannot be read says nothing. */
export function partialSuccessOf(body: Uint8Array, contentType: string | undefined): PartialSuccess {
  if (body.length === 0) return nothing;
  try {
    return contentType?.includes('json') ? fromJson(body) : fromProtobuf(body);
  } catch {
    return nothing;
  }
}

function fromJson(body: Uint8Array): PartialSuccess {
  const { partialSuccess } = JSON.parse(Buffer.from(body).toString()) as {
    partialSuccess?: Partial<Record<(typeof rejectedNames)[number] | 'errorMessage', unknown>>;
  };
  // A 64-bit number is a text in OTLP/JSON.
  const name = rejectedNames.find((each) => partialSuccess?.[each] !== undefined);
  const count = Number((name && partialSuccess?.[name]) ?? 0);
  return { rejectedCount: Number.isFinite(count) ? count : 0, message: text(partialSuccess?.errorMessage) };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function fromProtobuf(body: Uint8Array): PartialSuccess {
  let result = nothing;
  eachField(body, (field, value) => {
    // ExportTraceServiceResponse.partial_success
    if (field !== 1 || typeof value === 'number') return;
    let rejectedCount = 0;
    let message: string | undefined;
    eachField(value, (inner, part) => {
      if (inner === 1 && typeof part === 'number') rejectedCount = part;
      if (inner === 2 && typeof part !== 'number') message = text(Buffer.from(part).toString());
    });
    result = { rejectedCount, message };
  });
  return result;
}
