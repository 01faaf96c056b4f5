import { type Finding, finding } from '../../diagnosis/findings.js';
import { reasonOf } from '../read-text.js';
import type { DoctorReport } from './report.js';

/** Where test data is looked for. */
export interface ReadBack {
  /** Base address of Tempo's query API. */
  readonly tempo: string | undefined;
  /** Base address of Loki's query API. */
  readonly loki: string | undefined;
  /** Sent with the queries, for example `x-scope-orgid`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly limitMillis: number;
}

/** How long test data was on its way; undefined where it did not arrive or was not looked for. */
export interface Arrivals {
  readonly tempoMillis?: number | undefined;
  readonly lokiMillis?: number | undefined;
}

const intervalMillis = 250;
const requestMillis = 5_000;

/** Looks for the test span in Tempo, and for the test line in Loki, until they are there or the time is over. */
export async function readBack(
  report: DoctorReport,
  { tempo, loki, headers, limitMillis }: ReadBack,
): Promise<{ readonly arrivals: Arrivals; readonly findings: readonly Finding[] }> {
  const { testTraceId: traceId, backends = [], mode } = report;
  const logs = backends.find(({ signal }) => signal === 'logs');
  const traces = backends.find(({ signal }) => signal === 'traces');
  // What an endpoint did not take is a finding already.
  const isLineUnderWay = logs ? logs.isTaken : mode === 'attach';
  if (traceId === undefined) {
    const isAsked = (tempo ?? loki) !== undefined && report.scrape !== undefined;
    return {
      arrivals: {},
      findings: isAsked ? [notLookedFor('Without a token the service sends no test data')] : [],
    };
  }
  const look = async (base: string, seek: Seek, missing: (where: string) => Finding): Promise<Outcome> => {
    const found = await poll((signal) => seek(base, traceId, { headers, signal }), limitMillis);
    if (typeof found === 'number') return { millis: found };
    return {
      finding:
        found === undefined
          ? missing(`at ${base} after ${limitMillis / 1_000} s`)
          : finding('OBS_QUERY_FAILED', `${base} could not be asked: ${reasonOf(found)}.`),
    };
  };
  const span =
    tempo === undefined || !traces?.isTaken
      ? undefined
      : look(tempo, seekTrace, (where) =>
          finding('OBS_SPAN_NOT_FOUND', `The test span (trace ${traceId}) is not in Tempo ${where}.`),
        );
  const line =
    loki === undefined || !isLineUnderWay
      ? undefined
      : look(loki, seekLine(report.identity?.service_name ?? ''), (where) =>
          finding('OBS_LINE_NOT_FOUND', `The test line (${traceId}) is not in Loki ${where}.`),
        );
  const unsent = [
    ...(tempo !== undefined && !traces ? [notLookedFor('Spans do not leave by OTLP')] : []),
    ...(loki !== undefined && !logs && !isLineUnderWay
      ? [notLookedFor('Log lines do not leave by OTLP')]
      : []),
  ];
  const outcomes = await Promise.all([span, line]);
  return {
    arrivals: { tempoMillis: outcomes[0]?.millis, lokiMillis: outcomes[1]?.millis },
    findings: [...outcomes.flatMap((outcome) => outcome?.finding ?? []), ...unsent],
  };
}

function notLookedFor(because: string): Finding {
  return finding('OBS_NOT_LOOKED_FOR', `${because}: there was nothing to look for.`);
}

interface Outcome {
  readonly millis?: number;
  readonly finding?: Finding;
}

/** An address that will not become right. */
class NoSuchApi extends Error {}

interface Query {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}
/** Whether it is there; rejects where nobody can be asked. */
type Seek = (base: string, traceId: string, query: Query) => Promise<boolean>;

/** https://grafana.com/docs/tempo/latest/api_docs/#query */
const seekTrace: Seek = async (base, traceId, { headers, signal }) => {
  const response = await fetch(`${withoutSlash(base)}/api/traces/${traceId}`, {
    headers: { ...headers, accept: 'application/json' },
    signal,
  });
  const text = await response.text();
  if (response.status === 404 && !/page not found/i.test(text)) return false;
  if (!response.ok) throw refusal(response, text);
  if (!/"(?:batches|resourceSpans)"/.test(text)) throw new NoSuchApi('its answer is no trace');
  return true;
};

/** https://grafana.com/docs/loki/latest/reference/loki-http-api/#query-logs-within-a-range-of-time */
const seekLine =
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

function refusal({ status }: Response, text: string): Error {
  const message = `the answer is ${status}: ${text.trim().slice(0, 120)}`;
  return status < 500 && status !== 429 ? new NoSuchApi(message) : new Error(message);
}

const withoutSlash = (url: string) => url.replace(/\/+$/, '');

/** @returns after how long it was there, the last error if nobody could be asked, or undefined */
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
      // One that is busy may answer the next time.
      last = error as Error;
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMillis));
  }
  return last;
}
