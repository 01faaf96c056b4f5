import http from 'node:http';
import type { ServedAt } from '../lifecycle/endpoint-server.js';
import type { ResolvedOptions } from '../options/resolve.js';
import type { DiagnosedScrape } from './diagnosis.js';
import { type DiagnosisFinding, finding } from './findings.js';

export interface ScrapeReport {
  readonly scrape: DiagnosedScrape | undefined;
  /** The service that uses the port, if it uses Throughline. */
  readonly holder?: string | undefined;
  /** Worker threads of this process that record. */
  readonly threads?: number;
  readonly findings: readonly DiagnosisFinding[];
}

interface ScrapeAnswer {
  readonly status: number;
  readonly body: string;
}

/** Scrapes the service's own metrics endpoint. If another process uses its port, finds out which service it is. */
export async function examineScrape(
  { metrics }: ResolvedOptions,
  endpoint: ServedAt | undefined,
  instanceId: string,
  timeoutMillis: number,
): Promise<ScrapeReport> {
  if (!endpoint || !metrics.endpoint) return { scrape: undefined, findings: [] };
  const { path, token, port: wanted, host } = metrics.endpoint;
  const url = `http://${reachable(host)}:${endpoint.port ?? wanted}${path}`;
  const ask = (given: string | undefined) => get(url, given, timeoutMillis);
  if (endpoint.port === undefined && endpoint.isElsewhere) {
    // Which port another process was given is in its log line.
    if (wanted === 0) return { scrape: undefined, findings: [] };
  } else if (endpoint.port === undefined) {
    // The port in use was reported at start. The token is only for our own endpoint, so the other server does not get it.
    return { scrape: { url, ...nothing }, holder: await holderOf(() => ask(undefined)), findings: [] };
  }
  const startMillis = performance.now();
  try {
    const { status, body } = await ask(token);
    const durationMillis = Math.round(performance.now() - startMillis);
    const scrape = { url, status, durationMillis, series: countSeries(body) };
    return {
      scrape,
      threads: countThreads(body, instanceId),
      findings: status === 200 ? [] : [finding('OBS_METRICS_UNREACHABLE', `${url} answers ${status}.`)],
    };
  } catch (error) {
    return {
      scrape: { url, ...nothing },
      findings: [
        finding('OBS_METRICS_UNREACHABLE', `${url} could not be read: ${(error as Error).message}.`),
      ],
    };
  }
}

const nothing = { status: undefined, durationMillis: undefined, series: undefined };

async function holderOf(ask: () => Promise<ScrapeAnswer>): Promise<string | undefined> {
  const answer = await ask().catch(() => undefined);
  return /^target_info\{[^}]*service_name="([^"]*)"/m.exec(answer?.body ?? '')?.[1];
}

/** A server can listen on the unspecified address, but a client cannot connect to it. */
function reachable(host: string | undefined): string {
  if (host === undefined || host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

/** The instance id of a worker thread is that of its process and a number (model/identity.ts). */
function countThreads(body: string, instanceId: string): number {
  const infos = body.matchAll(/^throughline_worker_info\{[^}]*service_instance_id="([^"]*)"/gm);
  return [...infos].filter(
    ([, id = '']) => id.startsWith(`${instanceId}:`) && /^\d+$/.test(id.slice(instanceId.length + 1)),
  ).length;
}

export function countSeries(body: string): number {
  return body.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
}

function get(url: string, token: string | undefined, timeoutMillis: number): Promise<ScrapeAnswer> {
  return new Promise((resolve, reject) => {
    const request = http.get(
      url,
      { agent: false, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, body });
        });
      },
    );
    const timer = setTimeout(
      () => request.destroy(new Error(`no answer within ${timeoutMillis} ms`)),
      timeoutMillis,
    );
    request.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}
