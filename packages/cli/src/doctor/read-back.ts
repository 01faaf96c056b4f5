import { type DiagnosisFinding, finding } from '@throughline/core/internal';
import { reasonOf } from '../command-line/read-text.js';
import type { DoctorReport } from './report.js';

/** Base addresses of the query APIs in which to search for test data. */
export interface QueryUrls {
  readonly tempo?: string | undefined;
  readonly jaeger?: string | undefined;
  readonly loki?: string | undefined;
  readonly victoriaLogs?: string | undefined;
}

/** Where and how to search for test data. */
export interface ReadBack {
  readonly urls: QueryUrls;
  /** Sent with the queries, for example `x-scope-orgid`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly limitMillis: number;
}

/** How long the test data took to arrive; undefined if it did not arrive or was not searched for. */
export type Arrivals = { readonly [K in keyof QueryUrls as `${K}Millis`]?: number | undefined };

const intervalMillis = 250;
const requestMillis = 5_000;

/** Whether the test line is searched for in any backend. */
export const looksForLine = ({ loki, victoriaLogs }: QueryUrls): boolean =>
  (loki ?? victoriaLogs) !== undefined;

/** Searches each backend for the test span or the test line, until it arrives or the time limit is reached. */
export async function readBack(
  report: DoctorReport,
  { urls, headers, limitMillis }: ReadBack,
): Promise<{ readonly arrivals: Arrivals; readonly findings: readonly DiagnosisFinding[] }> {
  const { testTraceId: traceId, backends = [], mode } = report;
  const looksForSpan = (urls.tempo ?? urls.jaeger) !== undefined;
  const logs = backends.find(({ signal }) => signal === 'logs');
  const traces = backends.find(({ signal }) => signal === 'traces');
  // Data that an endpoint has refused is already reported.
  const isLineUnderWay = logs ? logs.isTaken : mode === 'attach';
  if (traceId === undefined) {
    const isAsked = (looksForSpan || looksForLine(urls)) && report.scrape !== undefined;
    return {
      arrivals: {},
      findings: isAsked ? [notLookedFor('Without a token the service sends no test data')] : [],
    };
  }
  const look = async (backend: keyof QueryUrls, seek: Seek): Promise<Outcome> => {
    const base = urls[backend];
    const { code, what, name, isUnderWay } = {
      ...queryApis[backend],
      isUnderWay: queryApis[backend].code === spanNotFound ? traces?.isTaken : isLineUnderWay,
    };
    if (base === undefined || !isUnderWay) return {};
    const found = await poll((signal) => seek(base, traceId, { headers, signal }), limitMillis);
    if (typeof found === 'number') return { millis: found };
    return {
      finding:
        found === undefined
          ? finding(
              code,
              `The ${what} (${traceId}) is not in ${name} at ${base} after ${limitMillis / 1_000} s.`,
            )
          : finding('OBS_QUERY_FAILED', `${base} could not be queried: ${reasonOf(found)}.`),
    };
  };
  const unsent = [
    ...(looksForSpan && !traces ? [notLookedFor('The service does not send spans by OTLP')] : []),
    ...(looksForLine(urls) && !logs && !isLineUnderWay
      ? [notLookedFor('The service does not send log lines by OTLP')]
      : []),
  ];
  const [tempo, jaeger, loki, victoriaLogs] = await Promise.all([
    look('tempo', seekTrace('/api/traces/')),
    look('jaeger', seekTrace('/api/v3/traces/')),
    look('loki', seekLineInLoki(report.identity?.service_name ?? '')),
    look('victoriaLogs', seekLineInVictoriaLogs),
  ]);
  return {
    arrivals: {
      tempoMillis: tempo.millis,
      jaegerMillis: jaeger.millis,
      lokiMillis: loki.millis,
      victoriaLogsMillis: victoriaLogs.millis,
    },
    findings: [...[tempo, jaeger, loki, victoriaLogs].flatMap((outcome) => outcome.finding ?? []), ...unsent],
  };
}

const spanNotFound = 'OBS_SPAN_NOT_FOUND';
const span = { code: spanNotFound, what: 'test span' } as const;
const line = { code: 'OBS_LINE_NOT_FOUND', what: 'test line' } as const;

/** What to search for in each backend, and the name of the backend. */
export const queryApis = {
  tempo: { ...span, name: 'Tempo' },
  jaeger: { ...span, name: 'Jaeger' },
  loki: { ...line, name: 'Loki' },
  victoriaLogs: { ...line, name: 'VictoriaLogs' },
} as const;

function notLookedFor(because: string): DiagnosisFinding {
  return finding('OBS_NOT_LOOKED_FOR', `${because}, so the backend was not searched.`);
}

interface Outcome {
  readonly millis?: number;
  readonly finding?: DiagnosisFinding;
}

/** The address is not that of the query API; another try cannot help. */
class NoSuchApi extends Error {}

interface Query {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}
/** Whether the data is there; rejects when the query fails. */
type Seek = (base: string, traceId: string, query: Query) => Promise<boolean>;

/**
 * Tempo and Jaeger answer with OTLP as JSON.
 * https://grafana.com/docs/tempo/latest/api_docs/#query
 * https://www.jaegertracing.io/docs/latest/architecture/apis/
 */
const seekTrace =
  (path: string): Seek =>
  async (base, traceId, { headers, signal }) => {
    const response = await fetch(`${withoutSlash(base)}${path}${traceId}`, {
      headers: { ...headers, accept: 'application/json' },
      signal,
    });
    const text = await response.text();
    if (response.status === 404 && !/page not found/i.test(text)) return false;
    if (!response.ok) throw refusal(response, text);
    if (!/"(?:batches|resourceSpans)"/.test(text)) throw new NoSuchApi('its answer is not a trace');
    return true;
  };

/** https://grafana.com/docs/loki/latest/reference/loki-http-api/#query-logs-within-a-range-of-time */
const seekLineInLoki =
  (serviceName: string): Seek =>
  async (base, traceId, { headers, signal }) => {
    const query = `{service_name=${JSON.stringify(serviceName)}} |= ${JSON.stringify(traceId)}`;
    const start = `${(Date.now() - 3_600_000) * 1e6}`;
    const parameters = new URLSearchParams({ query, start, limit: '1' });
    const response = await fetch(`${withoutSlash(base)}/loki/api/v1/query_range?${parameters}`, {
      headers,
      signal,
    });
    const text = await response.text();
    if (!response.ok) throw refusal(response, text);
    const { data } = JSON.parse(text) as { data?: { result?: readonly unknown[] } };
    return (data?.result?.length ?? 0) > 0;
  };

/** One JSON object per line, or none. https://docs.victoriametrics.com/victorialogs/querying/#querying-logs */
const seekLineInVictoriaLogs: Seek = async (base, traceId, { headers, signal }) => {
  const parameters = new URLSearchParams({ query: JSON.stringify(traceId), start: '1h', limit: '1' });
  const response = await fetch(`${withoutSlash(base)}/select/logsql/query?${parameters}`, {
    headers,
    signal,
  });
  const text = await response.text();
  if (!response.ok) throw refusal(response, text);
  if (text.trim() !== '' && !text.includes('"_msg"'))
    throw new NoSuchApi('its answer is not a list of log lines');
  return text.includes(traceId);
};

function refusal({ status }: Response, text: string): Error {
  const message = `the answer is ${status}: ${text.trim().slice(0, 120)}`;
  return status < 500 && status !== 429 ? new NoSuchApi(message) : new Error(message);
}

const withoutSlash = (url: string) => url.replace(/\/+$/, '');

/** @returns after how many milliseconds the data was there, the last error if no query worked, or undefined */
async function poll(
  isThere: (signal: AbortSignal) => Promise<boolean>,
  limitMillis: number,
): Promise<number | Error | undefined> {
  const startMillis = performance.now();
  let last: Error | undefined;
  while (performance.now() - startMillis < limitMillis) {
    try {
      if (await isThere(AbortSignal.timeout(requestMillis)))
        return Math.round(performance.now() - startMillis);
      last = undefined;
    } catch (error) {
      if (error instanceof NoSuchApi) return error;
      // A busy server may answer the next query.
      last = error as Error;
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMillis));
  }
  return last;
}
