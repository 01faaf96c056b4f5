import { readFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import type { ResolvedOptions } from '../options/resolve.js';

/** What a TLS connection needs in addition to Node's certificate authorities: PEM texts, under the names of Node's options. */
export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** The connections of one exporter. */
export interface ExportConnections {
  readonly tls: TlsFiles;
  /** Makes the agent that the exporter sends with. */
  readonly createAgent: (protocol: string) => Promise<Agent>;
  /** Ends all connections; what is under way on them has failed. */
  cut(): void;
}

export function exportConnections({
  certificate,
  clientCertificate,
  clientKey,
}: Pick<ResolvedOptions['logs'], 'certificate' | 'clientCertificate' | 'clientKey'>): ExportConnections {
  const tls = { ca: read(certificate), cert: read(clientCertificate), key: read(clientKey) };
  const agents: Agent[] = [];
  return {
    tls,
    async createAgent(protocol) {
      // Not before instrumentations had their chance, as the stock exporters do it.
      const { Agent } = protocol === 'https:' ? await import('node:https') : await import('node:http');
      const agent = new Agent({ keepAlive: true, ...tls });
      agents.push(agent);
      return agent;
    },
    cut() {
      for (const agent of agents) agent.destroy();
    },
  };
}

function read(file: string | undefined): string | undefined {
  try {
    return file === undefined ? undefined : readFileSync(file, 'utf8');
  } catch {
    // It existed when the options were read. Without it exports fail, and the failure is reported.
    return undefined;
  }
}
