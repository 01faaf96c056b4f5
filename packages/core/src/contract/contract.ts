import { ObservabilityError } from '../model/errors.js';
import { type IdentityOption, identityLabelOf } from '../model/identity.js';
import { checkMembers, deepFrozen } from '../model/object-check.js';

/**
 * The rules that all services of an organisation share. A platform team publishes a contract as a small package, and every
 * service passes it to `initObservability`.
 */
export interface Contract {
  /**
   * What a breach at start does: `error` throws an `ObservabilityError` (`OBS_CONTRACT_BREACHED`) that lists all of
   * them, `warn` logs them in one line. At run time a breach never throws: it is counted in
   * `throughline_contract_violations_total{rule}` and logged once, and a label that is not allowed is dropped.
   */
  readonly mode: 'warn' | 'error';
  /** Rules for the identity of services, by the names of the options. */
  readonly identity?: { readonly [K in IdentityOption]?: IdentityRule };
  /** Rules for the labels of metrics. */
  readonly labels?: {
    /**
     * Labels that no metric may have, in their Prometheus form (`user_id`, which `user.id` of the OpenTelemetry API
     * becomes). Span attributes and log fields may still have them.
     */
    readonly forbidden?: readonly string[];
    /**
     * The labels that metrics may have, in addition to the identity and the labels of Throughline's own and Node's metrics
     * (docs/reference/metrics.md). Default: all labels that are not forbidden.
     */
    readonly allowed?: readonly string[];
  };
  /** Rules for the names of metrics. */
  readonly metrics?: {
    /**
     * Whether names follow Prometheus' conventions: snake case, base units, `_total` for counters.
     * https://prometheus.io/docs/practices/naming/
     */
    readonly naming?: boolean;
  };
  /** Rules for what the service adds with `annotate`. `user.id` and `user_id` are the same name. */
  readonly annotations?: {
    /** Names that no annotation may have. Default: the labels in `labels.forbidden`. */
    readonly forbidden?: readonly string[];
    /** The names that annotations may have. Default: all names that are not forbidden. */
    readonly allowed?: readonly string[];
  };
  /** Rules for log lines. */
  readonly logs?: {
    /** Fields that every log line must have. A line without one is still written, and it is counted. */
    readonly requiredFields?: readonly string[];
  };
}

/** The rule of a contract for one part of the identity. */
export interface IdentityRule {
  /** Whether the service must have it. Default: false. */
  readonly required?: boolean;
  /** The values it may have. Default: any. */
  readonly values?: readonly string[];
}

/**
 * Declares a contract of labels and names for all services. The result is a frozen copy.
 *
 * @throws ObservabilityError `OBS_CONTRACT_INVALID` for a contract that contradicts itself or that no service can meet
 *
 * @example
 * export const contract = defineContract({
 *   mode: 'error',
 *   identity: { team: { required: true, values: ['checkout', 'catalogue'] }, environment: { required: true } },
 *   labels: { forbidden: ['user_id', 'email'] },
 *   metrics: { naming: true },
 * });
 */
export function defineContract(contract: Contract): Contract {
  return checkContract(contract);
}

const identityOptions = Object.keys(identityLabelOf) as IdentityOption[];

/** Also for a contract that was made by another copy of this package, or as a plain object. */
export function checkContract(value: unknown): Contract {
  const { mode, identity, labels, metrics, annotations, logs } = members(value, 'contract', [
    'mode',
    'identity',
    'labels',
    'metrics',
    'annotations',
    'logs',
  ]);
  if (mode !== 'warn' && mode !== 'error') throw invalid("mode takes 'warn' or 'error'");
  const checked: Contract = {
    mode,
    ...(identity === undefined ? {} : { identity: checkIdentity(identity) }),
    ...(labels === undefined ? {} : { labels: checkLabels(labels) }),
    ...(metrics === undefined ? {} : { metrics: checkMetrics(metrics) }),
    ...(annotations === undefined ? {} : { annotations: checkAnnotations(annotations) }),
    ...(logs === undefined ? {} : { logs: checkLogs(logs) }),
  };
  return deepFrozen(checked);
}

function checkIdentity(value: unknown): NonNullable<Contract['identity']> {
  const rules: { [K in IdentityOption]?: IdentityRule } = {};
  for (const [name, rule] of Object.entries(members(value, 'identity', identityOptions))) {
    if (rule === undefined) continue;
    const path = `identity.${name}`;
    const { required, values } = members(rule, path, ['required', 'values']);
    if (required !== undefined && typeof required !== 'boolean') {
      throw invalid(`${path}.required takes true or false`);
    }
    rules[name as IdentityOption] = {
      ...(required === undefined ? {} : { required }),
      ...(values === undefined ? {} : { values: names(values, `${path}.values`) }),
    };
    if (Array.isArray(values) && values.length === 0) {
      throw invalid(`${path}.values is empty, so no service can meet it`);
    }
  }
  return rules;
}

function checkLabels(value: unknown): NonNullable<Contract['labels']> {
  const { forbidden, allowed } = members(value, 'labels', ['forbidden', 'allowed']);
  const checked = {
    ...(forbidden === undefined ? {} : { forbidden: labelNames(forbidden, 'labels.forbidden') }),
    ...(allowed === undefined ? {} : { allowed: labelNames(allowed, 'labels.allowed') }),
  };
  for (const name of checked.forbidden ?? []) {
    if (checked.allowed?.includes(name)) throw invalid(`label '${name}' is both forbidden and allowed`);
    if (name === 'le' || name === 'quantile') {
      throw invalid(`label '${name}' cannot be forbidden: histograms and summaries need it`);
    }
    if (Object.values<string>(identityLabelOf).includes(name)) {
      throw invalid(`label '${name}' cannot be forbidden: it is part of the identity`);
    }
  }
  return checked;
}

function checkMetrics(value: unknown): NonNullable<Contract['metrics']> {
  const { naming } = members(value, 'metrics', ['naming']);
  if (naming !== undefined && typeof naming !== 'boolean')
    throw invalid('metrics.naming takes true or false');
  return naming === undefined ? {} : { naming };
}

function checkAnnotations(value: unknown): NonNullable<Contract['annotations']> {
  const { forbidden, allowed } = members(value, 'annotations', ['forbidden', 'allowed']);
  const checked = {
    ...(forbidden === undefined ? {} : { forbidden: names(forbidden, 'annotations.forbidden') }),
    ...(allowed === undefined ? {} : { allowed: names(allowed, 'annotations.allowed') }),
  };
  for (const name of checked.forbidden ?? []) {
    if (checked.allowed?.includes(name)) throw invalid(`annotation '${name}' is both forbidden and allowed`);
  }
  return checked;
}

function checkLogs(value: unknown): NonNullable<Contract['logs']> {
  const { requiredFields } = members(value, 'logs', ['requiredFields']);
  return requiredFields === undefined ? {} : { requiredFields: names(requiredFields, 'logs.requiredFields') };
}

function labelNames(value: unknown, path: string): readonly string[] {
  const checked = names(value, path);
  for (const name of checked) {
    if (/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) continue;
    const prometheusName = name.replace(/[^a-zA-Z0-9_]+/g, '_');
    throw invalid(
      `${path} has '${name}', which is not a valid Prometheus label; did you mean '${prometheusName}'?`,
    );
  }
  return checked;
}

function names(value: unknown, path: string): readonly string[] {
  if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'string' || entry.trim() === '')) {
    throw invalid(`${path} takes an array of strings that are not empty`);
  }
  return [...value];
}

const members = <K extends string>(value: unknown, path: string, known: readonly K[]) =>
  checkMembers(value, path, known, invalid);

function invalid(detail: string): ObservabilityError {
  return new ObservabilityError(
    'OBS_CONTRACT_INVALID',
    `The contract cannot be used: ${detail}${detail.endsWith('?') ? '' : '.'}`,
  );
}
