import { checkMembers, deepFrozen, durationBuckets, operationBuckets } from '@throughline/core/internal';
import { CommandError } from '../command-line/errors.js';

/** A service level objective: the share of its work that a service promises to do well over a time window. */
export interface Slo {
  /** Lower-case letters, digits and hyphens, for example `checkout-latency`; unique within the service. */
  readonly name: string;
  /** The share of the work that must be good, above 0 and below 1, for example 0.999. */
  readonly objective: number;
  /** The rolling time over which the objective holds. */
  readonly window: SloWindow;
  /** What counts as work, and when it is good. */
  readonly sli: Sli;
  /** Label `service_name` of the metrics. Default: `--service` of `throughline slo`, else the name in package.json. */
  readonly service?: string;
  /** Label `team` of alerts. Default: `--team` of `throughline slo`, else none. */
  readonly team?: string;
  /** One sentence for the person who gets the alert. */
  readonly description?: string;
  /** URL of the page with instructions; annotation `runbook_url` of the alerts. */
  readonly runbook?: string;
}

export const sloWindows = ['7d', '28d', '30d', '90d'] as const;
/** The period that an objective is for. */
export type SloWindow = (typeof sloWindows)[number];

/** What an objective measures: availability or latency, of HTTP, databases or messages. */
export type Sli =
  /** Good work has no error. For HTTP an error is a 5xx response; elsewhere it is any `error_type`. */
  | { readonly kind: 'availability'; readonly of: SloSubject }
  /**
   * Good work is not slower than the threshold. Work with an error is not counted. The threshold must be a bucket
   * bound of the metric, because the buckets are all that the metric records.
   */
  | { readonly kind: 'latency'; readonly thresholdSeconds: number; readonly of: SloSubject };

/** The work that counts: all work of this kind, or only work whose labels match. */
export type SloSubject =
  /** Incoming requests: `http_server_request_duration_seconds`. */
  | { readonly http: { readonly route?: string; readonly method?: string } }
  /** Processed messages: `messaging_process_duration_seconds`. */
  | {
      readonly messaging: {
        readonly system?: string;
        readonly destination?: string;
        readonly consumerGroup?: string;
        readonly operation?: string;
      };
    }
  /** Database operations: `db_client_operation_duration_seconds`. */
  | {
      readonly database: {
        readonly system?: string;
        readonly operation?: string;
        readonly collection?: string;
        readonly namespace?: string;
      };
    };

/** The histogram of a subject, and the label behind each property of the subject. */
interface SubjectMetric {
  readonly histogram: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Label matchers for failed and for successful work. */
  readonly failed: string;
  readonly succeeded: string;
  /** Seconds. */
  readonly buckets: readonly number[];
}

export const subjectMetrics: Readonly<Record<string, SubjectMetric>> = {
  http: {
    histogram: 'http_server_request_duration_seconds',
    labels: { route: 'http_route', method: 'http_request_method' },
    failed: 'http_response_status_code=~"5.."',
    succeeded: 'http_response_status_code!~"5.."',
    buckets: durationBuckets,
  },
  messaging: {
    histogram: 'messaging_process_duration_seconds',
    labels: {
      system: 'messaging_system',
      destination: 'messaging_destination_name',
      consumerGroup: 'messaging_consumer_group_name',
      operation: 'messaging_operation_name',
    },
    failed: 'error_type!=""',
    succeeded: 'error_type=""',
    buckets: durationBuckets,
  },
  database: {
    histogram: 'db_client_operation_duration_seconds',
    labels: {
      system: 'db_system_name',
      operation: 'db_operation_name',
      collection: 'db_collection_name',
      namespace: 'db_namespace',
    },
    failed: 'error_type!=""',
    succeeded: 'error_type=""',
    buckets: operationBuckets,
  },
};

/**
 * Declares an SLO of a service. `throughline slo` generates recording rules and burn-rate alerts from it.
 *
 * @throws an error with `code` `OBS_SLO_INVALID` if the objective is not between 0 and 1, the window is unknown, the
 * threshold is not a bucket bound, or a name is misspelled
 *
 * @example
 * import { defineSlo } from 'throughline';
 *
 * export const availability = defineSlo({
 *   name: 'checkout-availability',
 *   objective: 0.999,
 *   window: '30d',
 *   sli: { kind: 'availability', of: { http: { route: '/checkout', method: 'POST' } } },
 *   runbook: 'https://wiki.example.com/runbooks/checkout',
 * });
 */
export function defineSlo(slo: Slo): Slo {
  return checkSlo(slo);
}

/** Checks an SLO from a module of the service, which may be a plain object. */
export function checkSlo(value: unknown): Slo {
  const given = record(value, 'an SLO', [
    ...['name', 'objective', 'window', 'sli', 'service', 'team', 'description', 'runbook'],
  ]);
  const { name, objective, window } = given;
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]*$/.test(name)) {
    throw invalid(
      `name takes lower-case letters, digits and hyphens, for example checkout-latency; it got ${shown(name)}`,
    );
  }
  const fail = (detail: string) => invalid(detail, name);
  if (typeof objective !== 'number' || !(objective > 0 && objective < 1)) {
    const hint =
      typeof objective === 'number' && objective > 1 && objective < 100
        ? `; ${objective} percent is ${Number((objective / 100).toPrecision(10))}`
        : '';
    throw fail(`objective takes a number above 0 and below 1; it got ${shown(objective)}${hint}`);
  }
  if (!sloWindows.includes(window as SloWindow)) {
    throw fail(`window takes one of ${sloWindows.join(', ')}; it got ${shown(window)}`);
  }
  for (const key of ['service', 'team', 'description'] as const) {
    const text = given[key];
    if (text !== undefined && (typeof text !== 'string' || text.trim() === '')) {
      throw fail(`${key} takes a non-empty string`);
    }
  }
  if (given.runbook !== undefined && !URL.canParse(String(given.runbook))) {
    throw fail(`runbook takes a URL; it got ${shown(given.runbook)}`);
  }
  checkSli(given.sli, name);
  return deepFrozen(structuredClone(given)) as unknown as Slo;
}

function checkSli(value: unknown, slo: string): void {
  const { kind, thresholdSeconds, of } = record(value, 'sli', ['kind', 'thresholdSeconds', 'of'], slo);
  if (kind !== 'availability' && kind !== 'latency') {
    throw invalid(`sli.kind takes 'availability' or 'latency'; it got ${shown(kind)}`, slo);
  }
  const subject = record(of, 'sli.of', Object.keys(subjectMetrics), slo);
  const [entry, ...others] = Object.entries(subject);
  if (!entry || others.length > 0) {
    throw invalid(`sli.of takes exactly one of ${Object.keys(subjectMetrics).join(', ')}`, slo);
  }
  const [name, parts] = entry;
  const metric = subjectMetrics[name] as SubjectMetric;
  for (const [part, chosen] of Object.entries(
    record(parts, `sli.of.${name}`, Object.keys(metric.labels), slo),
  )) {
    if (chosen !== undefined && (typeof chosen !== 'string' || chosen === '')) {
      throw invalid(`sli.of.${name}.${part} takes a non-empty string`, slo);
    }
  }
  if (kind === 'availability') {
    if (thresholdSeconds !== undefined)
      throw invalid("sli of kind 'availability' takes no thresholdSeconds", slo);
    return;
  }
  if (typeof thresholdSeconds !== 'number' || !metric.buckets.includes(thresholdSeconds)) {
    throw invalid(
      `thresholdSeconds takes a bucket bound of ${metric.histogram} (${metric.buckets.join(', ')}); it got ${shown(thresholdSeconds)}`,
      slo,
    );
  }
}

const record = (value: unknown, path: string, known: readonly string[], slo?: string) =>
  checkMembers(value, path, known, (detail) => invalid(detail, slo)) as Readonly<Record<string, unknown>>;

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : typeof value === 'object' ? 'an object' : `'${String(value)}'`;
}

function invalid(detail: string, slo?: string): CommandError {
  const text = `${slo === undefined ? 'An SLO' : `SLO '${slo}'`} cannot be used: ${detail}`;
  return new CommandError('OBS_SLO_INVALID', text.endsWith('?') ? text : `${text}.`);
}
