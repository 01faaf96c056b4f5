import { readFileSync } from 'node:fs';
import type { ResolvedOptions } from '../options/resolve.js';

/** What a connection over TLS needs beside Node's own authorities, as PEM texts, under Node's names for them. */
export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export function readTlsFiles({
  certificate,
  clientCertificate,
  clientKey,
}: Pick<ResolvedOptions['logs'], 'certificate' | 'clientCertificate' | 'clientKey'>): TlsFiles {
  return { ca: read(certificate), cert: read(clientCertificate), key: read(clientKey) };
}

function read(file: string | undefined): string | undefined {
  try {
    return file === undefined ? undefined : readFileSync(file, 'utf8');
  } catch {
    // It was there when the options were read. Without it exports fail, and that is said.
    return undefined;
  }
}
