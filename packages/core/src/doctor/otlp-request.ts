import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Environment } from '../environment.js';
import { parsePairs } from '../options/option.js';
import type { ResolvedOptions } from '../options/resolve.js';

export type Signal = 'traces' | 'logs' | 'metrics';
export type OtlpOptions = Pick<
  ResolvedOptions['traces'],
  'endpoint' | 'headers' | 'compression' | 'timeoutMillis'
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
  options: OtlpOptions,
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
  { endpoint, headers, compression, timeoutMillis }: OtlpOptions,
  text: string,
  environment: Environment,
): Promise<OtlpResponse> {
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
        ...(isTls ? certificates(signal, environment) : {}),
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

/** https://opentelemetry.io/docs/specs/otel/protocol/exporter/#configuration-options */
function certificates(signal: Signal, environment: Environment): https.RequestOptions {
  const read = (suffix: string) => {
    const file =
      environment[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${suffix}`] ||
      environment[`OTEL_EXPORTER_OTLP_${suffix}`];
    try {
      return file ? readFileSync(resolve(file)) : undefined;
    } catch (cause) {
      throw Object.assign(new Error(`${suffix.toLowerCase()} ${file} cannot be read`, { cause }), {
        code: unreadableCertificate,
      });
    }
  };
  const [ca, cert, key] = [read('CERTIFICATE'), read('CLIENT_CERTIFICATE'), read('CLIENT_KEY')];
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

export const unreadableCertificate = 'THROUGHLINE_UNREADABLE_CERTIFICATE';
