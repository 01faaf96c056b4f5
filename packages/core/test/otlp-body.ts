import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { traceRequestAsJson } from '@throughline/testbed/otlp-trace-request';

/** What an OTLP request has in it, as JSON text. Spans come as protobuf, log records and metrics as JSON. */
export async function otlpBody(request: IncomingMessage): Promise<string> {
  const sent = await buffer(request);
  const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
  const isJson = request.headers['content-type'] === 'application/json';
  return isJson ? bytes.toString() : JSON.stringify(traceRequestAsJson(bytes));
}
