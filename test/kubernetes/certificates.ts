import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Issued {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** An authority of one's own, as a company has one. */
export interface Authority {
  readonly certificateFile: string;
  readonly certificate: string;
  /** A certificate for a server of these names, `DNS:…` or `IP:…`, or for a client, which needs none. */
  issue(name: string, alternativeNames?: readonly string[]): Issued;
}

export function createAuthority(folder: string, commonName: string): Authority {
  mkdirSync(folder, { recursive: true });
  const files = (name: string) => ({
    certificateFile: join(folder, `${name}.crt`),
    keyFile: join(folder, `${name}.key`),
  });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout'];
  const own = files('ca');
  openssl(
    ...['req', '-x509', '-days', '2', '-subj', `/CN=${commonName}`, ...newKey, own.keyFile],
    ...['-out', own.certificateFile],
  );
  return {
    certificateFile: own.certificateFile,
    certificate: readFileSync(own.certificateFile, 'utf8'),
    issue(name, alternativeNames = []) {
      const issued = files(name);
      const request = join(folder, `${name}.csr`);
      const extensions = join(folder, `${name}.ext`);
      openssl('req', '-new', '-subj', `/CN=${name}`, ...newKey, issued.keyFile, '-out', request);
      writeFileSync(
        extensions,
        alternativeNames.length > 0 ? `subjectAltName=${alternativeNames.join(',')}\n` : '',
      );
      openssl(
        ...['x509', '-req', '-days', '2', '-in', request, '-extfile', extensions, '-CAcreateserial'],
        ...['-CA', own.certificateFile, '-CAkey', own.keyFile, '-out', issued.certificateFile],
      );
      return issued;
    },
  };
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
