/*
 * What takes the telemetry: local stand-ins of the backends, one server for each variant. They answer as a backend
 * does that accepts everything, and count the spans that they are sent: a variant that exports nothing would look cheap.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, inflateSync } from 'node:zlib';

const kinds = { otlp, datadog, sentry, newrelic };

/** @returns `url`, `spans()` with the number received until now, and `stop()` */
export async function startSink(kind, { certificateFile, keyFile }) {
  let spans = 0;
  const answer = kinds[kind];
  const onRequest = async (request, response) => {
    try {
      const body = decompressed(await buffer(request), request.headers['content-encoding']);
      const { count = 0, type = 'application/json', reply = '{}' } = answer(request, body);
      spans += count;
      response.writeHead(200, { 'content-type': type }).end(reply);
    } catch (error) {
      if (!response.headersSent) response.writeHead(400).end(String(error));
    }
  };
  const server =
    kind === 'newrelic'
      ? https.createServer({ cert: readFileSync(certificateFile), key: readFileSync(keyFile) }, onRequest)
      : http.createServer(onRequest);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  return {
    url: kind === 'newrelic' ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    spans: () => spans,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function decompressed(body, encoding) {
  if (encoding === 'gzip') return gunzipSync(body);
  if (encoding === 'deflate') return inflateSync(body);
  return body;
}

/** OTLP over HTTP: an ExportTraceServiceRequest has its spans at the path of fields 1 (resource), 2 (scope), 2 (span). */
function otlp(request, body) {
  const count = request.url.endsWith('/v1/traces')
    ? request.headers['content-type']?.includes('json')
      ? spansOfJson(JSON.parse(body.toString()))
      : occurrences(body, [1, 2, 2])
    : 0;
  return request.headers['content-type']?.includes('json')
    ? { count }
    : { count, type: 'application/x-protobuf', reply: '' };
}

function spansOfJson({ resourceSpans = [] }) {
  return resourceSpans
    .flatMap(({ scopeSpans = [] }) => scopeSpans)
    .reduce((sum, { spans = [] }) => sum + spans.length, 0);
}

/** How often the message in `bytes` has a field at this path of field numbers. */
function occurrences(bytes, [field, ...rest], start = 0, end = bytes.length) {
  let count = 0;
  let at = start;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < end) {
    const tag = varint();
    const wireType = tag & 7;
    if (wireType === 0) varint();
    else if (wireType === 1) at += 8;
    else if (wireType === 5) at += 4;
    else {
      const size = varint();
      if (tag >>> 3 === field) count += rest.length === 0 ? 1 : occurrences(bytes, rest, at, at + size);
      at += size;
    }
  }
  return count;
}

/** Datadog's agent. The header of an export has the number of traces; those are counted, not their spans. */
function datadog(request) {
  const isTraces = /^\/v0\.\d+\/traces/.test(request.url);
  return {
    count: isTraces ? Number(request.headers['x-datadog-trace-count'] ?? 0) : 0,
    reply: isTraces ? '{"rate_by_service":{}}' : '{}',
  };
}

/** An envelope: a line of headers, then for each item a line of headers and its payload. */
function sentry(_request, body) {
  let count = 0;
  let at = body.indexOf(10) + 1;
  while (at > 0 && at < body.length) {
    const headerEnd = body.indexOf(10, at);
    if (headerEnd < 0) break;
    const header = JSON.parse(body.toString('utf8', at, headerEnd));
    const payloadEnd =
      header.length === undefined ? body.indexOf(10, headerEnd + 1) : headerEnd + 1 + header.length;
    const payload = body.toString('utf8', headerEnd + 1, payloadEnd < 0 ? undefined : payloadEnd);
    if (header.type === 'transaction') count += 1 + (JSON.parse(payload).spans?.length ?? 0);
    else if (header.type === 'span') count += header.item_count ?? 1;
    if (payloadEnd < 0) break;
    at = payloadEnd + 1;
  }
  return { count };
}

/** The collector of New Relic: JSON, the method in the query. */
function newrelic(request, body) {
  const method = new URL(request.url, 'https://localhost').searchParams.get('method');
  const answers = {
    preconnect: { redirect_host: `localhost:${request.socket.localPort}` },
    connect: {
      agent_run_id: '1',
      entity_guid: 'bench',
      data_report_period: 60,
      event_harvest_config: {
        report_period_ms: 5_000,
        harvest_limits: {
          analytic_event_data: 833,
          custom_event_data: 833,
          error_event_data: 8,
          span_event_data: 833,
          log_event_data: 833,
        },
      },
    },
  };
  const count = method === 'span_event_data' ? JSON.parse(body.toString())[2].length : 0;
  return { count, reply: JSON.stringify({ return_value: answers[method] ?? [] }) };
}
