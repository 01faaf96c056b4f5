import { type IdentityOption, identityLabelOf } from '../model/identity.js';
import type { Contract } from './contract.js';
import { isConventionalLabel, namingProblems } from './metric-naming.js';

/** Which rule of a contract is broken: the label `rule` of `throughline_contract_violations_total`. */
export const contractRules = [
  'identity_required',
  'identity_value',
  'label_forbidden',
  'label_not_allowed',
  'label_name',
  'metric_name',
  'annotation_forbidden',
  'annotation_not_allowed',
  'log_field_required',
] as const;
/** A rule of a contract. */
export type ContractRule = (typeof contractRules)[number];

/** One way in which a service does not meet its contract. */
export interface Breach {
  readonly rule: ContractRule;
  /** The metric, the part of the identity or the log field that breaks the rule. */
  readonly subject: string;
  /** One sentence without the full stop. */
  readonly message: string;
}

/** The properties of a metric that a contract checks. */
export interface DeclaredMetric {
  readonly name: string;
  /** As in `# TYPE`. */
  readonly type: string;
  readonly labelNames: Iterable<string>;
}

/**
 * Labels that are always allowed: the identity (as Prometheus and Loki name it), the labels of the text format,
 * of Throughline's own metrics (docs/reference/metrics.md), and of prom-client's runtime metrics.
 */
const knownLabels: ReadonlySet<string> = new Set([
  ...Object.values(identityLabelOf),
  ...['le', 'quantile', 'instance', 'job', 'otel_metric_overflow'],
  ...['http_request_method', 'http_route', 'http_response_status_code', 'error_type'],
  ...['server_address', 'server_port'],
  ...['db_system_name', 'db_operation_name', 'db_collection_name', 'db_namespace'],
  ...['db_client_connection_pool_name', 'db_client_connection_state'],
  ...['messaging_system', 'messaging_destination_name', 'messaging_destination_partition_id'],
  ...['messaging_consumer_group_name', 'messaging_operation_name'],
  ...['job_name', 'job_outcome'],
  ...['graphql_operation_type', 'graphql_operation_name'],
  ...['rpc_system_name', 'rpc_method', 'rpc_response_status_code'],
  ...['result', 'signal', 'metric', 'rule', 'direction', 'source'],
  ...['worker', 'service_instance_id', 'reason'],
  ...['version', 'major', 'minor', 'patch', 'kind', 'space', 'type'],
]);

/** The breaches of the contract by the identity. */
export function identityBreaches(contract: Contract, labels: Readonly<Record<string, string>>): Breach[] {
  return Object.entries(contract.identity ?? {}).flatMap(([option, rule]): Breach[] => {
    const label = identityLabelOf[option as IdentityOption];
    const value = labels[label];
    if (value === undefined) {
      if (!rule.required) return [];
      return [{ rule: 'identity_required', subject: label, message: `${option} (${label}) is not set` }];
    }
    if (!rule.values || rule.values.includes(value)) return [];
    return [
      {
        rule: 'identity_value',
        subject: label,
        message: `${option} (${label}) is '${value}'; the contract allows ${rule.values.map((known) => `'${known}'`).join(', ')}`,
      },
    ];
  });
}

/** The rule that removes a label from a metric; undefined for an allowed label. */
export function labelRule(
  contract: Contract,
): (label: string) => 'label_forbidden' | 'label_not_allowed' | undefined {
  const forbidden = new Set(contract.labels?.forbidden);
  const allowed = contract.labels?.allowed && new Set(contract.labels.allowed);
  return (label) => {
    if (forbidden.has(label)) return 'label_forbidden';
    return allowed && !allowed.has(label) && !knownLabels.has(label) ? 'label_not_allowed' : undefined;
  };
}

/** Creates a function that returns the breaches by the name and the labels of a metric. */
export function metricCheck(contract: Contract): (metric: DeclaredMetric) => Breach[] {
  const ruleOf = labelRule(contract);
  const naming = contract.metrics?.naming === true;
  return ({ name, type, labelNames }) => {
    const breaches: Breach[] = [];
    const add = (rule: ContractRule, message: string) => breaches.push({ rule, subject: name, message });
    if (naming) {
      for (const problem of namingProblems(name, type)) add('metric_name', `metric '${name}' ${problem}`);
    }
    // Its labels are the resource attributes. It has one series per process, and no query groups by them.
    if (name === 'target_info' || name === 'target') return breaches;
    for (const label of labelNames) {
      const rule = ruleOf(label);
      if (rule) {
        const why = rule === 'label_forbidden' ? 'which is forbidden' : 'which is not an allowed label';
        add(rule, `metric '${name}' has the label '${label}', ${why}`);
      }
      if (naming && !isConventionalLabel(label)) {
        add('label_name', `label '${label}' of metric '${name}' is not in snake case`);
      }
    }
    return breaches;
  };
}

/** Required log fields that no line can have, because that part of the identity is not set. */
export function logBreaches(contract: Contract, labels: Readonly<Record<string, string>>): Breach[] {
  return (contract.logs?.requiredFields ?? [])
    .filter((field) => Object.values<string>(identityLabelOf).includes(field) && labels[field] === undefined)
    .map((field) => ({
      rule: 'log_field_required',
      subject: field,
      message: `log lines have no field '${field}', because that part of the identity is not set`,
    }));
}
