import {
  checkMembers,
  deepFrozen,
  identityLabelOf
} from "./chunk-K5GWHKQH.js";
import {
  ObservabilityError
} from "./chunk-M47XFLI6.js";

// src/contract/contract.ts
function defineContract(contract) {
  return checkContract(contract);
}
var identityOptions = Object.keys(identityLabelOf);
function checkContract(value) {
  const { mode, identity, labels, metrics, logs } = members(value, "contract", [
    "mode",
    "identity",
    "labels",
    "metrics",
    "logs"
  ]);
  if (mode !== "warn" && mode !== "error") throw invalid("mode takes 'warn' or 'error'");
  const checked = {
    mode,
    ...identity === void 0 ? {} : { identity: checkIdentity(identity) },
    ...labels === void 0 ? {} : { labels: checkLabels(labels) },
    ...metrics === void 0 ? {} : { metrics: checkMetrics(metrics) },
    ...logs === void 0 ? {} : { logs: checkLogs(logs) }
  };
  return deepFrozen(checked);
}
function checkIdentity(value) {
  const rules = {};
  for (const [name, rule] of Object.entries(members(value, "identity", identityOptions))) {
    if (rule === void 0) continue;
    const path = `identity.${name}`;
    const { required, values } = members(rule, path, ["required", "values"]);
    if (required !== void 0 && typeof required !== "boolean") {
      throw invalid(`${path}.required takes true or false`);
    }
    rules[name] = {
      ...required === void 0 ? {} : { required },
      ...values === void 0 ? {} : { values: names(values, `${path}.values`) }
    };
    if (Array.isArray(values) && values.length === 0) {
      throw invalid(`${path}.values is empty, so that no service could meet it`);
    }
  }
  return rules;
}
function checkLabels(value) {
  const { forbidden, allowed } = members(value, "labels", ["forbidden", "allowed"]);
  const checked = {
    ...forbidden === void 0 ? {} : { forbidden: labelNames(forbidden, "labels.forbidden") },
    ...allowed === void 0 ? {} : { allowed: labelNames(allowed, "labels.allowed") }
  };
  for (const name of checked.forbidden ?? []) {
    if (checked.allowed?.includes(name)) throw invalid(`label '${name}' is both forbidden and allowed`);
    if (name === "le" || name === "quantile") {
      throw invalid(`label '${name}' cannot be forbidden: histograms and summaries consist of it`);
    }
    if (Object.values(identityLabelOf).includes(name)) {
      throw invalid(`label '${name}' cannot be forbidden: it is part of the identity`);
    }
  }
  return checked;
}
function checkMetrics(value) {
  const { naming } = members(value, "metrics", ["naming"]);
  if (naming !== void 0 && typeof naming !== "boolean")
    throw invalid("metrics.naming takes true or false");
  return naming === void 0 ? {} : { naming };
}
function checkLogs(value) {
  const { requiredFields } = members(value, "logs", ["requiredFields"]);
  return requiredFields === void 0 ? {} : { requiredFields: names(requiredFields, "logs.requiredFields") };
}
function labelNames(value, path) {
  const checked = names(value, path);
  for (const name of checked) {
    if (/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) continue;
    const prometheusName = name.replace(/[^a-zA-Z0-9_]+/g, "_");
    throw invalid(`${path} has '${name}', which is no Prometheus label; did you mean '${prometheusName}'?`);
  }
  return checked;
}
function names(value, path) {
  if (!Array.isArray(value) || value.some((entry) => typeof entry !== "string" || entry.trim() === "")) {
    throw invalid(`${path} takes an array of strings that are not empty`);
  }
  return [...value];
}
var members = (value, path, known) => checkMembers(value, path, known, invalid);
function invalid(detail) {
  return new ObservabilityError(
    "OBS_CONTRACT_INVALID",
    `The contract cannot be used: ${detail}${detail.endsWith("?") ? "" : "."}`
  );
}

// src/contract/metric-naming.ts
var givenNames = /* @__PURE__ */ new Set([
  "db_client_connection_count",
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total"
]);
var baseUnits = new Map(
  Object.entries({
    seconds: "s sec secs second ms msec msecs millis millisecond milliseconds us usec micros microsecond microseconds ns nsec nanos nanosecond nanoseconds mins minute minutes h hour hours d day days",
    bytes: "b byte kb kib kilobyte kilobytes kibibytes mb mib megabyte megabytes mebibytes gb gib gigabyte gigabytes gibibytes tb tib terabytes tebibytes bit bits",
    ratio: "percent percents percentage pct",
    celsius: "fahrenheit kelvin",
    meters: "meter km kilometers kilometres cm centimeters mm millimeters inches feet miles",
    grams: "gram kg kilograms mg milligrams pounds",
    volts: "volt mv millivolts kilovolts",
    amperes: "ampere ma milliamperes",
    joules: "joule kilojoules kwh"
  }).flatMap(([base, words]) => words.split(" ").map((word) => [word, base]))
);
var durationWords = /* @__PURE__ */ new Set([
  "duration",
  "latency",
  "elapsed",
  "uptime",
  "delay",
  "time"
]);
var typeWords = /* @__PURE__ */ new Set(["counter", "gauge", "histogram", "summary"]);
var reservedSuffixes = ["_bucket", "_sum", "_count"];
function namingProblems(name, type) {
  if (givenNames.has(name)) return [];
  const problems = [];
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name)) {
    problems.push("is not in snake case (small letters, digits, single underscores)");
  }
  const isTotal = /_total$/i.test(name);
  if (type === "counter" && !isTotal) problems.push("is a counter and must end in _total");
  if (isTotal && (type === "gauge" || type === "histogram" || type === "summary")) {
    problems.push(`ends in _total, which is for counters, but is a ${type}`);
  }
  if (type === "counter" || type === "gauge") {
    const suffix = reservedSuffixes.find((reserved) => name.endsWith(reserved));
    if (suffix) problems.push(`ends in ${suffix}, which is for the series of histograms and summaries`);
  }
  const words = name.toLowerCase().split("_");
  if (isTotal) words.pop();
  const last = words.at(-1) ?? "";
  const base = words.length > 1 ? baseUnits.get(last) : void 0;
  if (base !== void 0) problems.push(`is in '${last}'; the base unit is ${base}: end it in _${base}`);
  if (durationWords.has(last)) problems.push(`is a time without its unit: end it in _${last}_seconds`);
  if (typeWords.has(last)) problems.push(`ends in the type of the metric, _${last}, which belongs to # TYPE`);
  return problems;
}
function isConventionalLabel(label) {
  return /^_?[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(label);
}

// src/contract/breaches.ts
var contractRules = [
  "identity_required",
  "identity_value",
  "label_forbidden",
  "label_not_allowed",
  "label_name",
  "metric_name",
  "log_field_required"
];
var knownLabels = /* @__PURE__ */ new Set([
  ...Object.values(identityLabelOf),
  ...["le", "quantile", "instance", "job", "otel_metric_overflow"],
  ...["http_request_method", "http_route", "http_response_status_code", "error_type"],
  ...["server_address", "server_port"],
  ...["db_system_name", "db_operation_name", "db_collection_name", "db_namespace"],
  ...["db_client_connection_pool_name", "db_client_connection_state"],
  ...["messaging_system", "messaging_destination_name", "messaging_destination_partition_id"],
  ...["messaging_consumer_group_name", "messaging_operation_name"],
  ...["result", "signal", "metric", "rule", "direction", "source"],
  ...["worker", "service_instance_id", "reason"],
  ...["version", "major", "minor", "patch", "kind", "space", "type"]
]);
function identityBreaches(contract, labels) {
  return Object.entries(contract.identity ?? {}).flatMap(([option, rule]) => {
    const label = identityLabelOf[option];
    const value = labels[label];
    if (value === void 0) {
      if (!rule.required) return [];
      return [{ rule: "identity_required", subject: label, message: `${option} (${label}) is not set` }];
    }
    if (!rule.values || rule.values.includes(value)) return [];
    return [
      {
        rule: "identity_value",
        subject: label,
        message: `${option} (${label}) is '${value}'; the contract knows ${rule.values.map((known) => `'${known}'`).join(", ")}`
      }
    ];
  });
}
function labelRule(contract) {
  const forbidden = new Set(contract.labels?.forbidden);
  const allowed = contract.labels?.allowed && new Set(contract.labels.allowed);
  return (label) => {
    if (forbidden.has(label)) return "label_forbidden";
    return allowed && !allowed.has(label) && !knownLabels.has(label) ? "label_not_allowed" : void 0;
  };
}
function metricCheck(contract) {
  const ruleOf = labelRule(contract);
  const naming = contract.metrics?.naming === true;
  return ({ name, type, labelNames: labelNames2 }) => {
    const breaches = [];
    const add = (rule, message) => breaches.push({ rule, subject: name, message });
    if (naming) {
      for (const problem of namingProblems(name, type)) add("metric_name", `metric '${name}' ${problem}`);
    }
    if (name === "target_info" || name === "target") return breaches;
    for (const label of labelNames2) {
      const rule = ruleOf(label);
      if (rule) {
        const why = rule === "label_forbidden" ? "which is forbidden" : "which is not among the allowed ones";
        add(rule, `metric '${name}' has the label '${label}', ${why}`);
      }
      if (naming && !isConventionalLabel(label)) {
        add("label_name", `label '${label}' of metric '${name}' is not in snake case`);
      }
    }
    return breaches;
  };
}
function logBreaches(contract, labels) {
  return (contract.logs?.requiredFields ?? []).filter((field) => Object.values(identityLabelOf).includes(field) && labels[field] === void 0).map((field) => ({
    rule: "log_field_required",
    subject: field,
    message: `log lines have no '${field}': that part of the identity is not set`
  }));
}

export {
  defineContract,
  checkContract,
  contractRules,
  identityBreaches,
  labelRule,
  metricCheck,
  logBreaches
};
//# sourceMappingURL=chunk-HYO6SFH6.js.map