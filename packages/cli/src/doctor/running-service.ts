import type { Diagnosis } from '@throughline/core';
import {
  countSeries,
  type DiagnosisFinding,
  finding,
  findingOfError,
  ObservabilityError,
} from '@throughline/core/internal';
import { commandInvalid } from '../command-line/command.js';
import { reasonOf } from '../command-line/read-text.js';
import { countedBreaches } from '../contract/exposition-breaches.js';
import { type ExposedMetric, parseExposition } from '../metrics/parse-exposition.js';
import { type DoctorReport, withFindings } from './report.js';

export interface RunningService {
  /** The metrics server, with the path of the metrics where that is not /metrics. */
  readonly address: string;
  /** Sent to /metrics. */
  readonly headers: Readonly<Record<string, string>>;
  /** The token of live control. */
  readonly token: string | undefined;
  readonly testLine: boolean;
}

const timeoutMillis = 10_000;
/** Longer, because the diagnosis itself waits for backends. */
const diagnosisMillis = 30_000;

/** Asks the metrics server of a running service for its diagnosis if there is a token of live control, else for what is public. */
export async function examineRunningService(service: RunningService): Promise<DoctorReport> {
  const url = addressOf(service.address);
  const bare: DoctorReport = { ok: true, mode: 'attach', subject: url.href, findings: [] };
  const startMillis = performance.now();
  const scraped = await get(url, service.headers);
  const durationMillis = Math.round(performance.now() - startMillis);
  if (scraped instanceof Error) {
    return withFindings(bare, [
      finding('OBS_SERVICE_UNREACHABLE', `${url.href} could not be read: ${reasonOf(scraped)}.`),
    ]);
  }
  const [live, details] = await Promise.all([healthFindings(url), askDetails(url, service)]);
  const metrics = scraped.status === 200 ? scraped.body : undefined;
  const scrape = {
    url: url.href,
    status: scraped.status,
    durationMillis,
    series: countSeries(metrics ?? ''),
  };
  const reachable = metrics === undefined ? [unreadable(url, scraped.status)] : [];
  if (details.diagnosis) {
    return withFindings({ ...bare, ...details.diagnosis, metrics }, [...reachable, ...live]);
  }
  const told = metrics === undefined ? { findings: [] } : fromMetrics(url, metrics);
  return withFindings({ ...bare, ...told, scrape, metrics }, [
    ...told.findings,
    ...reachable,
    ...live,
    ...details.findings,
  ]);
}

function addressOf(text: string): URL {
  let url: URL | undefined;
  try {
    url = new URL(/^https?:\/\//i.test(text) ? text : `http://${text}`);
  } catch {
    // Reported below.
  }
  if (!url) throw commandInvalid(`--attach takes a URL such as http://localhost:9464, not '${text}'`);
  if (url.pathname === '/') url.pathname = '/metrics';
  return url;
}

function unreadable(url: URL, status: number): DiagnosisFinding {
  return status === 401
    ? finding('OBS_METRICS_UNREACHABLE', `${url.href} requires a token (401).`, {
        cause: 'The option metrics.endpoint.token is set.',
        fix: "Pass the token with --header 'Authorization: Bearer …'.",
      })
    : finding('OBS_METRICS_UNREACHABLE', `${url.href} answers ${status}.`);
}

async function askDetails(
  url: URL,
  { token, testLine }: RunningService,
): Promise<{ readonly diagnosis?: Diagnosis; readonly findings: readonly DiagnosisFinding[] }> {
  const hidden = (message: string, fix?: string) => ({
    findings: [finding('OBS_DETAILS_HIDDEN', message, fix === undefined ? {} : { fix })],
  });
  if (token === undefined) {
    return hidden('THROUGHLINE_CONTROL_TOKEN is not set, so only /metrics and the health checks were read.');
  }
  const answer = await ask(new URL('/observability/doctor', url), diagnosisMillis, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ testLine }),
  });
  if (answer instanceof Error) return hidden(`The service gave no diagnosis: ${reasonOf(answer)}.`);
  if (answer.status === 200) return { diagnosis: JSON.parse(answer.body), findings: [] };
  if (answer.status === 401) {
    return hidden(
      'The service refuses the token in THROUGHLINE_CONTROL_TOKEN.',
      'Use the token that the service was started with.',
    );
  }
  return hidden('The service has no token for live control, or runs an older version.');
}

/** What a scrape says about the service and its telemetry. */
function fromMetrics(url: URL, text: string): Pick<DoctorReport, 'identity' | 'sent' | 'findings'> {
  let metrics: readonly ExposedMetric[];
  try {
    metrics = parseExposition(text);
  } catch (error) {
    const { message } = error as Error;
    return { findings: [finding('OBS_METRICS_UNREACHABLE', `${url.href} cannot be read: ${message}`)] };
  }
  const samples = (name: string) =>
    metrics.flatMap((metric) => metric.samples.filter((each) => each.name === name));
  const info = samples('throughline_info')[0];
  if (!info) {
    return {
      findings: [finding('OBS_NOT_STARTED', `${url.href} serves metrics, but not those of Throughline.`)],
    };
  }
  const byResult = (name: string) =>
    Object.fromEntries(samples(name).map(({ labels, value }) => [labels.result ?? '', value]));
  const sent = {
    spans: byResult('throughline_spans_total'),
    logRecords: byResult('throughline_log_records_total'),
  };
  const { version: _version, ...identity } = info.labels;
  return { identity, sent, findings: [...sendingFindings(sent), ...violations(metrics)] };
}

function sendingFindings(sent: NonNullable<DoctorReport['sent']>): DiagnosisFinding[] {
  const findings: DiagnosisFinding[] = [];
  const say = (
    code: 'OBS_EXPORT_FAILED' | 'OBS_EXPORT_DROPPED',
    message: string,
    level: 'error' | 'warning',
  ) => findings.push(findingOfError(new ObservabilityError(code, message), level));
  for (const [what, counts] of Object.entries({ spans: sent.spans, 'log records': sent.logRecords })) {
    const { exported = 0, failed = 0, dropped = 0 } = counts;
    // If some data gets through, the address and the credentials are right.
    if (failed > 0) {
      say(
        'OBS_EXPORT_FAILED',
        `${failed} ${what} could not be sent since the start, ${exported} could.`,
        exported === 0 ? 'error' : 'warning',
      );
    }
    if (dropped > 0) say('OBS_EXPORT_DROPPED', `${dropped} ${what} were dropped since the start.`, 'warning');
  }
  return findings;
}

function violations(metrics: readonly ExposedMetric[]): DiagnosisFinding[] {
  const list = Object.entries(countedBreaches(metrics)).map(([rule, count]) => `${rule} (${count})`);
  if (list.length === 0) return [];
  return [
    findingOfError(
      new ObservabilityError(
        'OBS_CONTRACT_BREACHED',
        `The service breaks its contract: ${list.join(', ')}.`,
        {
          fix: 'The log of the service names each breach once; `throughline check` lists the breaches in its metrics.',
        },
      ),
    ),
  ];
}

async function healthFindings(url: URL): Promise<DiagnosisFinding[]> {
  const findings: DiagnosisFinding[] = [];
  for (const path of ['/livez', '/readyz']) {
    const answer = await get(new URL(path, url), {});
    // A service that mounts `metricsHandler` in its own server may not have these.
    if (answer instanceof Error || answer.status !== 503) continue;
    findings.push(finding('OBS_NOT_READY', `${path} answers 503: ${failing(answer.body)}.`));
  }
  return findings;
}

function failing(body: string): string {
  try {
    const { status, checks = {} } = JSON.parse(body) as {
      status?: string;
      checks?: Record<string, { status: string; error?: string }>;
    };
    const list = Object.entries(checks)
      .filter(([, check]) => check.status === 'failing')
      .map(([name, { error }]) => `${name} (${error})`);
    return list.length > 0 ? list.join(', ') : String(status);
  } catch {
    return body.slice(0, 100);
  }
}

type ServiceAnswer = Error | { readonly status: number; readonly body: string };

const get = (url: URL, headers: Readonly<Record<string, string>>) => ask(url, timeoutMillis, { headers });

async function ask(url: URL, limitMillis: number, request: RequestInit): Promise<ServiceAnswer> {
  try {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(limitMillis) });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    return error as Error;
  }
}
