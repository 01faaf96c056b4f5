import { gzipSync } from 'node:zlib';
import type { ResolvedOptions } from '../options/resolve.js';
import type { PostRequest } from './blocking-send.js';
import type { TlsFiles } from './export-connections.js';
import type { ExportControl } from './export-control.js';

/** What spans or log records leave through: an OTLP intake, or an exporter of the user's. */
export interface OtlpPipeline<P> extends ExportControl {
  readonly provider: P;
  flush(): Promise<void>;
  stop(): Promise<void>;
  /** Everything that waits, as one request, for the moment in which Node ends the process. */
  takeForEnd(): PostRequest | undefined;
}

export function postRequest(
  { endpoint, headers, compression }: Pick<ResolvedOptions['logs'], 'endpoint' | 'headers' | 'compression'>,
  tls: TlsFiles,
  body: Uint8Array | undefined,
  contentType: 'application/json' | 'application/x-protobuf',
): PostRequest | undefined {
  if (!body) return undefined;
  const zipped = compression === 'gzip';
  return {
    url: endpoint,
    tls,
    headers: {
      ...headers,
      'content-type': contentType,
      ...(zipped ? { 'content-encoding': 'gzip' } : {}),
    },
    body: zipped ? gzipSync(body) : body,
  };
}
