import { gzipSync } from 'node:zlib';
import type { Signal } from '../model/signal.js';
import { version } from '../model/version.js';
import type { ResolvedOptions } from '../options/resolve.js';
import {
  createGrpcTransport,
  grpcFrame,
  grpcHeaders,
  grpcMethods,
} from '../recorder/transport/grpc-transport.js';
import { createHttpTransport } from '../recorder/transport/http-transport.js';
import type { OtlpTransport } from '../recorder/transport/otlp-transport.js';
import type { PostRequest } from './blocking-send.js';
import { exportConnections } from './export-connections.js';
import type { ExportControl } from './export-control.js';

export type IntakeOptions = Pick<
  ResolvedOptions['logs'],
  | 'protocol'
  | 'endpoint'
  | 'headers'
  | 'compression'
  | 'timeoutMillis'
  | 'certificate'
  | 'clientCertificate'
  | 'clientKey'
> & { readonly batch?: { readonly exportTimeoutMillis: number } };

/** Where one signal goes by OTLP, over the protocol that the options name. */
export interface OtlpIntake extends Pick<OtlpTransport, 'send'>, ExportControl {
  /** What is sent while the process stands still, because it is about to end. */
  requestAtEnd(body: Uint8Array | undefined): PostRequest | undefined;
}

const userAgent = `throughline/${version}`;

/** The bodies that it gets are in the encoding of the protocol: OTLP/JSON for `http/json`, otherwise protobuf. */
export function otlpIntake(signal: Signal, given: IntakeOptions): OtlpIntake {
  const { batch = { exportTimeoutMillis: Number.POSITIVE_INFINITY } } = given;
  const options = { ...given, timeoutMillis: Math.min(given.timeoutMillis, batch.exportTimeoutMillis) };
  const connections = exportConnections(options);
  const isJson = options.protocol === 'http/json';
  const isZipped = options.compression === 'gzip';
  const contentType = isJson ? 'application/json' : 'application/x-protobuf';

  if (options.protocol === 'grpc') {
    const call = { ...options, method: grpcMethods[signal], userAgent };
    const transport = createGrpcTransport({ ...call, tls: connections.tls });
    return {
      send: (chunk) => transport.send(chunk),
      hurry: (longestMillis) => transport.hurry(longestMillis),
      abandon() {
        transport.abandon();
        transport.cut();
      },
      requestAtEnd(body) {
        if (!body) return undefined;
        return {
          url: new URL(options.endpoint).origin,
          isGrpc: true,
          tls: connections.tls,
          headers: grpcHeaders(call),
          body: grpcFrame(isZipped ? gzipSync(body) : body, isZipped),
        };
      },
    };
  }
  const transport = createHttpTransport({
    ...options,
    contentType,
    createAgent: connections.createAgent,
    userAgent,
  });
  return {
    send: (chunk) => transport.send(chunk),
    hurry: (longestMillis) => transport.hurry(longestMillis),
    abandon() {
      transport.abandon();
      connections.cut();
    },
    requestAtEnd(body) {
      if (!body) return undefined;
      return {
        url: options.endpoint,
        tls: connections.tls,
        headers: {
          ...options.headers,
          'content-type': contentType,
          ...(isZipped ? { 'content-encoding': 'gzip' } : {}),
        },
        body: isZipped ? gzipSync(body) : body,
      };
    },
  };
}
