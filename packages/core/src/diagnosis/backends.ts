import type { Environment } from '../model/environment.js';
import type { Identity } from '../model/identity.js';
import type { Signal } from '../model/signal.js';
import type { ResolvedOptions, ResolveResult } from '../options/resolve.js';
import { createTextRedaction } from '../redaction/secret-text.js';
import type { DiagnosedBackend } from './diagnosis.js';
import { type DiagnosisFinding, finding } from './findings.js';
import { askByGrpc } from './grpc-answer.js';
import { endpointFinding, judge, type Verdict } from './otlp-answer.js';
import { type OtlpRequestOptions, type OtlpResponse, sendOtlp } from './otlp-request.js';
import { emptyMetricsRequest, type TestTrace, testLogRequest, testSpanRequest } from './test-signals.js';

/** How the endpoints in use took test data. */
export interface BackendReport {
  readonly backends: readonly DiagnosedBackend[];
  readonly findings: readonly DiagnosisFinding[];
}

export interface BackendQuestion {
  readonly options: ResolvedOptions;
  readonly sources: ResolveResult['sources'];
  readonly isPushed: boolean;
  readonly identity: Identity;
  readonly environment: Environment;
  readonly timeoutMillis: number;
  /** Undefined: nothing is sent. */
  readonly trace: TestTrace | undefined;
}

interface Used {
  readonly signal: Signal;
  readonly options: OtlpRequestOptions;
}

const whatOf: Readonly<Record<Signal, string>> = {
  traces: 'spans',
  logs: 'log records',
  metrics: 'metric points',
};
const optionOf: Readonly<Record<Signal, string>> = {
  traces: 'traces.endpoint',
  logs: 'logs.endpoint',
  metrics: 'metrics.push.endpoint',
};
const skewLimitMillis = 5_000;

/** Sends a test span, a test record and an empty request for metrics to where each signal goes by OTLP. */
export async function examineBackends(question: BackendQuestion): Promise<BackendReport> {
  const used = endpointsInUse(question);
  if (question.trace === undefined) {
    return { backends: used.map(({ signal, options }) => notAsked(signal, options)), findings: [] };
  }
  const trace = question.trace;
  const results = await Promise.all(used.map((each) => examine(each, question, trace)));
  return {
    backends: results.map(({ backend }) => backend),
    findings: [...failures(results, question.sources), ...skews(results)],
  };
}

function endpointsInUse({ options, isPushed }: BackendQuestion): Used[] {
  const { traces, logs, metrics } = options;
  return [
    ...(traces.exporter === 'otlp' ? [{ signal: 'traces' as const, options: traces }] : []),
    ...(logs.destinations.includes('otlp') ? [{ signal: 'logs' as const, options: logs }] : []),
    ...(isPushed && metrics.push ? [{ signal: 'metrics' as const, options: metrics.push }] : []),
  ];
}

interface Examined {
  readonly backend: DiagnosedBackend;
  readonly verdict: Verdict | undefined;
}

async function examine(
  { signal, options }: Used,
  { identity, environment, timeoutMillis }: BackendQuestion,
  trace: TestTrace,
): Promise<Examined> {
  const bounded = { ...options, timeoutMillis: Math.min(options.timeoutMillis, timeoutMillis) };
  const bodies = {
    traces: () => testSpanRequest(identity, trace),
    logs: () => testLogRequest(identity, trace),
    metrics: () => emptyMetricsRequest,
  };
  const send = (endpoint: string, body: object) =>
    sendOtlp(signal, { ...bounded, endpoint }, body, environment);
  const startMillis = performance.now();
  if (options.protocol === 'grpc') {
    const verdict = await askByGrpc(signal, bounded, bodies[signal]());
    return {
      verdict,
      backend: {
        ...notAsked(signal, options),
        isTaken: verdict === undefined,
        durationMillis: Math.round(performance.now() - startMillis),
      },
    };
  }
  const response = await send(options.endpoint, bodies[signal]());
  const durationMillis = Math.round(performance.now() - startMillis);
  const url = new URL(options.endpoint);
  let verdict = judge(response, url);
  if (verdict?.code === 'OBS_ENDPOINT_NOT_FOUND') {
    verdict = await withRightPath(verdict, signal, url, (endpoint) => send(endpoint, emptyRequestOf(signal)));
  }
  return {
    verdict,
    backend: {
      signal,
      endpoint: shownUrl(options.endpoint),
      isTaken: verdict === undefined,
      status: response.error ? undefined : response.status,
      durationMillis,
      clockSkewMillis: response.error ? undefined : response.clockSkewMillis,
    },
  };
}

/** Tries the most likely paths, so that the finding can name the right one. */
async function withRightPath(
  verdict: Verdict,
  signal: Signal,
  url: URL,
  ask: (endpoint: string) => Promise<OtlpResponse>,
): Promise<Verdict> {
  const standard = `/v1/${signal}`;
  const below = `${url.pathname.replace(/\/+$/, '')}${standard}`;
  const once = url.pathname.replace(`${standard}${standard}`, standard);
  for (const pathname of new Set([standard, below, once])) {
    if (pathname === url.pathname) continue;
    const other = Object.assign(new URL(url), { pathname });
    const response = await ask(other.href);
    if (response.error || response.status === 404 || response.status === 405) continue;
    if (judge(response, other)?.code === 'OBS_ENDPOINT_NOT_OTLP') continue;
    return {
      ...verdict,
      cause: `The receiver is at ${shownUrl(other.href)}.`,
      fix: `Use ${shownUrl(other.href)}. In OTEL_EXPORTER_OTLP_ENDPOINT use ${shownUrl(other.href.slice(0, -standard.length))}, because ${standard} is appended to it.`,
    };
  }
  // A server that does not even know the usual path is not an OTLP receiver.
  return url.pathname === standard
    ? {
        code: 'OBS_ENDPOINT_NOT_OTLP',
        says: `is not an OTLP/HTTP receiver: it d${verdict.says.slice(1)}`,
      }
    : verdict;
}

const emptyRequestOf = (signal: Signal): object =>
  ({ traces: { resourceSpans: [{}] }, logs: { resourceLogs: [{}] }, metrics: emptyMetricsRequest })[signal];

/** One finding for all signals that fail alike at the same server. */
function failures(results: readonly Examined[], sources: ResolveResult['sources']): DiagnosisFinding[] {
  const groups = new Map<string, { verdict: Verdict; endpoint: string; signals: Signal[] }>();
  for (const { verdict, backend } of results) {
    if (!verdict) continue;
    const key = `${verdict.code} ${new URL(backend.endpoint).origin}`;
    const group = groups.get(key) ?? { verdict, endpoint: backend.endpoint, signals: [] };
    groups.set(key, group);
    group.signals.push(backend.signal);
  }
  return [...groups.values()].map(({ verdict, endpoint, signals }) =>
    endpointFinding(
      verdict,
      endpoint,
      listed(signals.map((signal) => whatOf[signal])),
      sources[optionOf[signals[0] as Signal]] ?? 'default',
    ),
  );
}

function skews(results: readonly Examined[]): DiagnosisFinding[] {
  const worst = new Map<string, number>();
  for (const { backend } of results) {
    const { clockSkewMillis = 0 } = backend;
    const { host } = new URL(backend.endpoint);
    if (Math.abs(clockSkewMillis) > Math.max(skewLimitMillis, Math.abs(worst.get(host) ?? 0))) {
      worst.set(host, clockSkewMillis);
    }
  }
  return [...worst].map(([host, millis]) =>
    finding(
      'OBS_CLOCK_SKEW',
      `The clock of ${host} is ${shownDuration(Math.abs(millis))} ${millis > 0 ? 'ahead of' : 'behind'} the clock of this machine.`,
    ),
  );
}

function shownDuration(millis: number): string {
  const seconds = Math.round(millis / 1_000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}

const withoutSecrets = createTextRedaction([]);

/** Without user, password and tokens. */
function shownUrl(url: string): string {
  return withoutSecrets(url);
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function notAsked(signal: Signal, { endpoint }: OtlpRequestOptions): DiagnosedBackend {
  return {
    signal,
    endpoint: shownUrl(endpoint),
    isTaken: undefined,
    status: undefined,
    durationMillis: undefined,
    clockSkewMillis: undefined,
  };
}
