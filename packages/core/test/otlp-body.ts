import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { traceRequestAsJson } from '@throughline/testbed/otlp-trace-request';

/** What an OTLP request has in it, as JSON text. Spans come as protobuf, log records and metrics as JSON. */
export async function otlpBody(request: IncomingMessage): Promise<string> {
  const bytes = await buffer(request);
  const isJson = request.headers['content-type'] === 'application/json';
  return isJson ? bytes.toString() : JSON.stringify(traceRequestAsJson(bytes));
}
