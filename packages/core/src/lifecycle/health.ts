import type { IncomingMessage, ServerResponse } from 'node:http';
import { ObservabilityError } from '../model/errors.js';
import { errorReason } from '../model/foreign-error.js';
import { checkMembers } from '../model/object-check.js';
import type { Part } from '../model/part.js';
import { firstCharacters } from '../recorder/span/bounded-text.js';
import { redactMessage } from '../redaction/attribute-redaction.js';

/** Passes unless it throws, rejects, returns false, or takes too long. */
export type HealthCheck = () => unknown;

/** How a health check runs. */
export interface HealthCheckOptions {
  /** Longest time for the check: up to an hour. Default: 2,000 ms. */
  readonly timeoutMillis?: number;
}

/** The health of the service, for the probes of Kubernetes. */
export interface Health {
  /**
   * Adds a check for `/readyz`: whether this instance should get requests.
   *
   * @returns removes it
   * @throws ObservabilityError `OBS_HEALTH_CHECK_INVALID` for a wrong name, function or option
   * @example observability.health.addReadinessCheck('database', () => pool.query('SELECT 1'));
   */
  addReadinessCheck(name: string, check: HealthCheck, options?: HealthCheckOptions): () => void;
  /** Adds a check for `/livez`: whether this instance should be restarted when it fails. Otherwise as `addReadinessCheck`. @returns removes it */
  addLivenessCheck(name: string, check: HealthCheck, options?: HealthCheckOptions): () => void;
  /** Answers `/readyz`; mountable in any framework. 200, or 503 with the checks that fail; 503 during shutdown. */
  readonly readinessHandler: (request: IncomingMessage, response: ServerResponse) => void;
  /** Answers `/livez`; mountable in any framework. */
  readonly livenessHandler: (request: IncomingMessage, response: ServerResponse) => void;
}

/** A {@link Health} that can be told that the service is stopping. */
export interface HealthChecks extends Health, Part {
  /** The answer of this process. */
  report(kind: HealthKind): Promise<HealthReport>;
  /** From now on the instance is not ready, so that load balancers send requests to other instances. */
  hurry(): void;
}

export type HealthKind = 'liveness' | 'readiness';

/** The health of one process. */
export interface HealthReport {
  readonly status: 'ok' | 'failing' | 'stopping';
  readonly checks?: Readonly<Record<string, CheckResult>>;
}

interface Check {
  readonly run: HealthCheck;
  readonly timeoutMillis: number;
}

export interface CheckResult {
  readonly status: 'ok' | 'failing';
  readonly durationMillis: number;
  readonly error?: string;
}

const defaultTimeoutMillis = 2_000;
const longestTimeoutMillis = 3_600_000;
/** Most characters of why a check has failed. */
const maxReasonLength = 1_024;

export function createHealth(): HealthChecks {
  const readiness = new Map<string, Check>();
  const liveness = new Map<string, Check>();
  let isStopping = false;

  const add =
    (checks: Map<string, Check>): Health['addReadinessCheck'] =>
    (name, run, options) => {
      const check = checkedOf(name, run, options);
      checks.set(name, check);
      return () => {
        if (checks.get(name) === check) checks.delete(name);
      };
    };
  const report = async (kind: HealthKind): Promise<HealthReport> => {
    if (kind === 'readiness' && isStopping) return { status: 'stopping' };
    const checks = await runAll(kind === 'readiness' ? readiness : liveness);
    const failing = Object.values(checks).some(({ status }) => status === 'failing');
    return { status: failing ? 'failing' : 'ok', checks };
  };

  return {
    addReadinessCheck: add(readiness),
    addLivenessCheck: add(liveness),
    report,
    readinessHandler: healthHandler(() => report('readiness')),
    livenessHandler: healthHandler(() => report('liveness')),
    hurry() {
      isStopping = true;
    },
  };
}

/** @throws ObservabilityError `OBS_HEALTH_CHECK_INVALID` */
function checkedOf(name: unknown, run: unknown, options: unknown): Check {
  if (typeof name !== 'string' || name.trim() === '') {
    throw invalid('the first argument, the name, takes a string that is not empty');
  }
  if (typeof run !== 'function') {
    throw invalid(`the second argument of '${name}' takes a function that runs the check`);
  }
  const { timeoutMillis = defaultTimeoutMillis } = checkMembers(
    options ?? {},
    'the third argument',
    ['timeoutMillis'],
    invalid,
  );
  if (typeof timeoutMillis !== 'number' || !(timeoutMillis > 0 && timeoutMillis <= longestTimeoutMillis)) {
    throw invalid(`timeoutMillis takes a number above 0 and at most ${longestTimeoutMillis}`);
  }
  return { run: run as HealthCheck, timeoutMillis };
}

function invalid(detail: string): ObservabilityError {
  return new ObservabilityError('OBS_HEALTH_CHECK_INVALID', `A health check was not added: ${detail}.`);
}

/** Whoever reaches the port reads it: what databases say of a connection may contain its password, and be long. */
function shownReason(error: unknown): string {
  const reason = redactMessage(firstCharacters(errorReason(error), 8 * maxReasonLength));
  return reason.length > maxReasonLength ? `${firstCharacters(reason, maxReasonLength)}…` : reason;
}

async function runAll(checks: Map<string, Check>): Promise<Record<string, CheckResult>> {
  const results = await Promise.all(
    [...checks].map(async ([name, check]) => [name, await runOne(check)] as const),
  );
  return Object.fromEntries(results);
}

async function runOne({ run, timeoutMillis }: Check): Promise<CheckResult> {
  const startMillis = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const result = (error?: string): CheckResult => ({
    status: error === undefined ? 'ok' : 'failing',
    durationMillis: Math.round(performance.now() - startMillis),
    ...(error === undefined ? {} : { error }),
  });
  try {
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMillis} ms`)), timeoutMillis);
    });
    const passed = await Promise.race([(async () => run())(), timeout]);
    return result(passed === false ? 'the check returned false' : undefined);
  } catch (error) {
    return result(shownReason(error));
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Answers a probe with 200, or with 503 and the failing checks as JSON. Probes at the same time share one run of
 * the checks.
 */
export function healthHandler(report: () => Promise<HealthReport>): Health['readinessHandler'] {
  let running: Promise<HealthReport> | undefined;
  const share = () => {
    running ??= report().finally(() => {
      running = undefined;
    });
    return running;
  };
  return (_request, response) => {
    void share().then((body) => {
      response.writeHead(body.status === 'ok' ? 200 : 503, {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
      });
      response.end(`${JSON.stringify(body)}\n`);
    });
  };
}
