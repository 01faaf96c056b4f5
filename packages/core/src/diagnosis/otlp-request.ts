import http from 'node:http';
import https from 'node:https';
import { gzipSync } from 'node:zlib';
import { exportConnections } from '../export/export-connections.js';
import type { Environment } from '../model/environment.js';
import type { Signal } from '../model/signal.js';
import { parsePairs } from '../options/option.js';
import type { ResolvedOptions } from '../options/resolve.js';
import { protobufOfJson } from '../recorder/otlp/json-request.js';
import { type PartialSuccess, partialSuccessOf } from '../recorder/transport/partial-success.js';
import { eachField } from '../recorder/transport/protobuf-fields.js';

export type OtlpRequestOptions = Pick<
  ResolvedOptions['traces'],
  | 'protocol'
  | 'endpoint'
  | 'headers'
  | 'certificate'
  | 'clientCertificate'
  | 'clientKey'
  | 'compression'
  | 'timeoutMillis'
>;

/** What came back, or why nothing did. */
export type OtlpResponse =
  | { readonly error: NodeJS.ErrnoException }
  | {
      readonly error?: undefined;
      readonly status: number;
      readonly contentType: string;
      readonly location: string | undefined;
      /** As text; of an error in protobuf, its message. */
      readonly body: string;
      readonly partialSuccess: PartialSuccess;
      /** By the Date header, which counts whole seconds. */
      readonly clockSkewMillis: number | undefined;
    };

const maxBodyLength = 4_096;

/**
 * Sends one OTLP request as the exporter would, once: with its headers, compression and certificates, but telling
 * what the exporter does not tell.
 */
export async function sendOtlp(
  signal: Signal,
  options: OtlpRequestOptions,
  body: object,
  environment: Environment,
): Promise<OtlpResponse> {
  try {
    return await send(signal, options, encoded(signal, options, body), environment);
  } catch (error) {
    return { error: error as NodeJS.ErrnoException };
  }
}

function encoded(signal: Signal, { protocol }: OtlpRequestOptions, body: object): Uint8Array {
  return protocol === 'http/json' ? Buffer.from(JSON.stringify(body)) : protobufOfJson(signal, body);
}

function send(
  signal: Signal,
  options: OtlpRequestOptions,
  content: Uint8Array,
  environment: Environment,
): Promise<OtlpResponse> {
  const { protocol, endpoint, headers, compression, timeoutMillis } = options;
  const url = new URL(endpoint);
  const isTls = url.protocol === 'https:';
  const body = compression === 'gzip' ? gzipSync(content) : content;
  const sentAtMillis = Date.now();
  return new Promise((done, fail) => {
    const request = (isTls ? https : http).request(
      url,
      {
        method: 'POST',
        agent: false,
        ...(isTls ? exportConnections(options).tls : {}),
        headers: {
          // The stock exporter adds the headers of the environment to those of the options.
          ...environmentHeaders(signal, environment),
          ...headers,
          'content-type': protocol === 'http/json' ? 'application/json' : 'application/x-protobuf',
          'content-length': body.length,
          ...(compression === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
        },
      },
      (response) => {
        const date = Date.parse(response.headers.date ?? '');
        const answeredAtMillis = Date.now();
        const parts: Buffer[] = [];
        let length = 0;
        const end = () => {
          clearTimeout(timer);
          const answer = Buffer.concat(parts).subarray(0, maxBodyLength);
          done({
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? '',
            location: response.headers.location,
            body: textOf(answer, response.headers['content-type']),
            partialSuccess: partialSuccessOf(answer, response.headers['content-type']),
            clockSkewMillis: Number.isNaN(date) ? undefined : skew(date, sentAtMillis, answeredAtMillis),
          });
        };
        response.on('data', (chunk: Buffer) => {
          if (length < maxBodyLength) parts.push(chunk);
          length += chunk.length;
        });
        response.on('end', end);
        response.on('error', end);
      },
    );
    const timer = setTimeout(() => {
      fail(Object.assign(new Error(`no answer within ${timeoutMillis} ms`), { code: 'ETIMEDOUT' }));
      request.destroy();
    }, timeoutMillis);
    request.on('error', (error) => {
      clearTimeout(timer);
      fail(error);
    });
    request.end(body);
  });
}

/** https://opentelemetry.io/docs/specs/otlp/#failures-1: the body of a failure is a google.rpc.Status. */
function textOf(answer: Buffer, contentType: string | undefined): string {
  if (!contentType?.includes('protobuf')) return answer.toString();
  let message = '';
  try {
    eachField(answer, (field, value) => {
      if (field === 2 && typeof value !== 'number') message = Buffer.from(value).toString();
    });
  } catch {
    // It is none.
  }
  return message;
}

/** 0 as long as the second that the Date header names may be the one in which the answer was made. */
function skew(dateMillis: number, sentAtMillis: number, answeredAtMillis: number): number {
  if (dateMillis > answeredAtMillis) return dateMillis - answeredAtMillis;
  const latest = dateMillis + 999;
  return latest < sentAtMillis ? latest - sentAtMillis : 0;
}

function environmentHeaders(signal: Signal, environment: Environment): Record<string, string> {
  const pairs = (name: string) => {
    try {
      return parsePairs(environment[name] ?? '');
    } catch {
      // Said at start.
      return {};
    }
  };
  return {
    ...pairs('OTEL_EXPORTER_OTLP_HEADERS'),
    ...pairs(`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_HEADERS`),
  };
}
