import http from 'node:http';
import https from 'node:https';
import { gzipSync } from 'node:zlib';
import { exportConnections } from '../export/export-connections.js';
import type { Environment } from '../model/environment.js';
import type { Signal } from '../model/signal.js';
import { parsePairs } from '../options/option.js';
import type { ResolvedOptions } from '../options/resolve.js';

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
      readonly body: string;
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
    return await send(signal, options, JSON.stringify(body), environment);
  } catch (error) {
    return { error: error as NodeJS.ErrnoException };
  }
}

function send(
  signal: Signal,
  options: OtlpRequestOptions,
  text: string,
  environment: Environment,
): Promise<OtlpResponse> {
  const { endpoint, headers, compression, timeoutMillis } = options;
  const url = new URL(endpoint);
  const isTls = url.protocol === 'https:';
  const body = compression === 'gzip' ? gzipSync(text) : Buffer.from(text);
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
          'content-type': 'application/json',
          'content-length': body.length,
          ...(compression === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
        },
      },
      (response) => {
        const date = Date.parse(response.headers.date ?? '');
        const answeredAtMillis = Date.now();
        let answer = '';
        const end = () => {
          clearTimeout(timer);
          done({
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? '',
            location: response.headers.location,
            body: answer,
            clockSkewMillis: Number.isNaN(date) ? undefined : skew(date, sentAtMillis, answeredAtMillis),
          });
        };
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          answer += chunk.slice(0, maxBodyLength - answer.length);
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
