import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { otlpRequestAsJson } from '@throughline/testbed/otlp-trace-request';

type Signal = Parameters<typeof otlpRequestAsJson>[0];

/** What an OTLP request has in it, as JSON text, whatever its encoding. */
export async function otlpBody(request: IncomingMessage): Promise<string> {
  const sent = await buffer(request);
  const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
  const isJson = request.headers['content-type'] === 'application/json';
  const signal = /\/v1\/(traces|logs|metrics)/.exec(request.url ?? '')?.[1] ?? 'traces';
  return isJson ? bytes.toString() : JSON.stringify(otlpRequestAsJson(signal as Signal, bytes));
}
