import {
  durationBuckets,
  operationBuckets
} from "./chunk-WWVNV2PO.js";
import {
  checkMembers,
  deepFrozen
} from "./chunk-K5GWHKQH.js";
import {
  ObservabilityError
} from "./chunk-M47XFLI6.js";

// src/slo/slo.ts
var sloWindows = ["7d", "28d", "30d", "90d"];
var subjectMetrics = {
  http: {
    histogram: "http_server_request_duration_seconds",
    labels: { route: "http_route", method: "http_request_method" },
    failed: 'http_response_status_code=~"5.."',
    succeeded: 'http_response_status_code!~"5.."',
    buckets: durationBuckets
  },
  messaging: {
    histogram: "messaging_process_duration_seconds",
    labels: {
      system: "messaging_system",
      destination: "messaging_destination_name",
      consumerGroup: "messaging_consumer_group_name",
      operation: "messaging_operation_name"
    },
    failed: 'error_type!=""',
    succeeded: 'error_type=""',
    buckets: durationBuckets
  },
  database: {
    histogram: "db_client_operation_duration_seconds",
    labels: {
      system: "db_system_name",
      operation: "db_operation_name",
      collection: "db_collection_name",
      namespace: "db_namespace"
    },
    failed: 'error_type!=""',
    succeeded: 'error_type=""',
    buckets: operationBuckets
  }
};
function defineSlo(slo) {
  return checkSlo(slo);
}
function checkSlo(value) {
  const given = record(value, "an SLO", [
    ...["name", "objective", "window", "sli", "service", "team", "description", "runbook"]
  ]);
  const { name, objective, window } = given;
  if (typeof name !== "string" || !/^[a-z][a-z0-9-]*$/.test(name)) {
    throw invalid(
      `name takes small letters, digits and hyphens, for example checkout-latency; it got ${shown(name)}`
    );
  }
  const fail = (detail) => invalid(detail, name);
  if (typeof objective !== "number" || !(objective > 0 && objective < 1)) {
    const hint = typeof objective === "number" && objective > 1 && objective < 100 ? `; ${objective} percent is ${Number((objective / 100).toPrecision(10))}` : "";
    throw fail(`objective takes a number above 0 and below 1; it got ${shown(objective)}${hint}`);
  }
  if (!sloWindows.includes(window)) {
    throw fail(`window takes one of ${sloWindows.join(", ")}; it got ${shown(window)}`);
  }
  for (const key of ["service", "team", "description"]) {
    const text = given[key];
    if (text !== void 0 && (typeof text !== "string" || text.trim() === "")) {
      throw fail(`${key} takes a string that is not empty`);
    }
  }
  if (given.runbook !== void 0 && !URL.canParse(String(given.runbook))) {
    throw fail(`runbook takes a URL; it got ${shown(given.runbook)}`);
  }
  checkSli(given.sli, name);
  return deepFrozen(structuredClone(given));
}
function checkSli(value, slo) {
  const { kind, thresholdSeconds, of } = record(value, "sli", ["kind", "thresholdSeconds", "of"], slo);
  if (kind !== "availability" && kind !== "latency") {
    throw invalid(`sli.kind takes 'availability' or 'latency'; it got ${shown(kind)}`, slo);
  }
  const subject = record(of, "sli.of", Object.keys(subjectMetrics), slo);
  const [entry, ...others] = Object.entries(subject);
  if (!entry || others.length > 0) {
    throw invalid(`sli.of takes exactly one of ${Object.keys(subjectMetrics).join(", ")}`, slo);
  }
  const [name, parts] = entry;
  const metric = subjectMetrics[name];
  for (const [part, chosen] of Object.entries(
    record(parts, `sli.of.${name}`, Object.keys(metric.labels), slo)
  )) {
    if (chosen !== void 0 && (typeof chosen !== "string" || chosen === "")) {
      throw invalid(`sli.of.${name}.${part} takes a string that is not empty`, slo);
    }
  }
  if (kind === "availability") {
    if (thresholdSeconds !== void 0) throw invalid("an availability has no thresholdSeconds", slo);
    return;
  }
  if (typeof thresholdSeconds !== "number" || !metric.buckets.includes(thresholdSeconds)) {
    throw invalid(
      `thresholdSeconds takes a bucket bound of ${metric.histogram} (${metric.buckets.join(", ")}); it got ${shown(thresholdSeconds)}`,
      slo
    );
  }
}
var record = (value, path, known, slo) => checkMembers(value, path, known, (detail) => invalid(detail, slo));
function shown(value) {
  return value === void 0 ? "nothing" : typeof value === "object" ? "an object" : `'${String(value)}'`;
}
function invalid(detail, slo) {
  const text = `${slo === void 0 ? "An SLO" : `SLO '${slo}'`} cannot be used: ${detail}`;
  return new ObservabilityError("OBS_SLO_INVALID", text.endsWith("?") ? text : `${text}.`);
}

export {
  subjectMetrics,
  defineSlo,
  checkSlo
};
//# sourceMappingURL=chunk-VMMEGUZ3.js.map