import {
  loadModule
} from "./chunk-HNDMX5RA.js";
import {
  commandInvalid
} from "./chunk-UC54PIWG.js";
import {
  checkContract,
  contractRules,
  identityBreaches,
  metricCheck
} from "./chunk-HYO6SFH6.js";
import {
  ObservabilityError
} from "./chunk-M47XFLI6.js";

// src/metrics/parse-exposition.ts
var types = /* @__PURE__ */ new Set([
  ...["counter", "gauge", "histogram", "summary", "untyped"],
  ...["unknown", "info", "stateset", "gaugehistogram"]
]);
var suffixesByType = {
  counter: ["_total", "_created"],
  histogram: ["_bucket", "_sum", "_count", "_created"],
  gaugehistogram: ["_bucket", "_gsum", "_gcount"],
  summary: ["_sum", "_count", "_created"],
  info: ["_info"]
};
function parseExposition(text) {
  const lines = text.split(/\r?\n/);
  const isOpenMetrics = /(^|\n)# EOF\s*$/.test(text);
  const families = /* @__PURE__ */ new Map();
  const familyOf = (name) => {
    let family = families.get(name);
    if (!family) {
      family = { type: "unknown", help: void 0, samples: [] };
      families.set(name, family);
    }
    return family;
  };
  lines.forEach((line, index) => {
    if (line.trim() === "") return;
    const reader = new LineReader(line, index + 1);
    if (line.startsWith("#")) {
      readComment(reader, familyOf);
      return;
    }
    const sample = readSample(reader);
    familyOf(familyName(sample.name, families)).samples.push(sample);
  });
  return [...families].filter(([, { samples }]) => samples.length > 0).map(([name, family]) => ({
    name: isOpenMetrics && family.type === "counter" && !name.endsWith("_total") ? `${name}_total` : name,
    ...family
  }));
}
function familyName(sample, families) {
  if (families.has(sample)) return sample;
  for (const [type, suffixes] of Object.entries(suffixesByType)) {
    const suffix = suffixes.find((ending) => sample.endsWith(ending));
    const family = suffix && sample.slice(0, -suffix.length);
    if (family && families.get(family)?.type === type) return family;
  }
  return sample;
}
function readComment(reader, familyOf) {
  const keyword = /^#[ \t]+(HELP|TYPE)[ \t]+/.exec(reader.line);
  if (!keyword) return;
  reader.at = keyword[0].length;
  const name = reader.metricName();
  reader.blanks();
  const rest = reader.line.slice(reader.at);
  if (keyword[1] === "HELP") {
    familyOf(name).help = unescaped(rest);
    return;
  }
  const type = rest.trim();
  if (!types.has(type)) reader.fail(`'${type}' is no type of a metric`);
  familyOf(name).type = type === "untyped" ? "unknown" : type;
}
function readSample(reader) {
  let labels = {};
  let name;
  if (reader.next() !== "{") name = reader.metricName();
  reader.blanks();
  if (reader.next() === "{") ({ labels, name } = reader.labelSet(name));
  if (name === void 0) reader.fail("a sample needs a name");
  reader.blanks();
  const value = reader.number();
  reader.blanks();
  let timestamp;
  if (reader.next() !== "" && reader.next() !== "#") {
    timestamp = reader.number();
    reader.blanks();
  }
  let exemplar;
  if (reader.next() === "#") {
    reader.at++;
    reader.blanks();
    if (reader.next() !== "{") reader.fail("an exemplar starts with '{'");
    const { labels: exemplarLabels } = reader.labelSet(void 0);
    reader.blanks();
    exemplar = { labels: exemplarLabels, value: reader.number() };
    reader.blanks();
    if (reader.next() !== "") reader.number();
    reader.blanks();
  }
  if (reader.next() !== "") reader.fail(`'${reader.line.slice(reader.at)}' is more than a sample has`);
  return { name, labels, value, timestamp, exemplar };
}
var LineReader = class {
  constructor(line, lineNumber) {
    this.line = line;
    this.lineNumber = lineNumber;
  }
  line;
  lineNumber;
  at = 0;
  fail(reason) {
    throw new ObservabilityError(
      "OBS_EXPOSITION_INVALID",
      `Line ${this.lineNumber} cannot be read: ${reason} (${this.line.slice(0, 80)}).`
    );
  }
  next() {
    return this.line[this.at] ?? "";
  }
  blanks() {
    while (this.next() === " " || this.next() === "	") this.at++;
  }
  metricName() {
    return this.next() === '"' ? this.quoted() : this.matched(/[a-zA-Z_:][a-zA-Z0-9_:]*/y, "a metric name");
  }
  number() {
    const word = this.matched(/[^\s#]+/y, "a number");
    const special = /^([+-]?)inf(inity)?$/i.exec(word);
    if (special) return special[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    if (/^[+-]?nan$/i.test(word)) return Number.NaN;
    const value = Number(word);
    if (Number.isNaN(value)) this.fail(`'${word}' is no number`);
    return value;
  }
  /** `{a="b",c="d"}`, in which Prometheus 3 also puts a quoted name of the metric. */
  labelSet(name) {
    const labels = {};
    let found = name;
    this.at++;
    for (; ; ) {
      this.blanks();
      if (this.next() === "}") break;
      const label = this.next() === '"' ? this.quoted() : this.matched(/[a-zA-Z_][a-zA-Z0-9_]*/y, "a label name");
      this.blanks();
      if (this.next() === "=") {
        this.at++;
        this.blanks();
        if (this.next() !== '"') this.fail(`the value of label '${label}' is not quoted`);
        if (Object.hasOwn(labels, label)) this.fail(`label '${label}' is there twice`);
        labels[label] = this.quoted();
      } else if (found === void 0) {
        found = label;
      } else {
        this.fail(`label '${label}' has no value`);
      }
      this.blanks();
      if (this.next() === ",") this.at++;
      else if (this.next() !== "}") this.fail("a label ends with ',' or '}'");
    }
    this.at++;
    return { labels, name: found };
  }
  quoted() {
    const text = this.matched(/"(?:[^"\\]|\\.)*"/y, "a quoted text that ends");
    return unescaped(text.slice(1, -1));
  }
  matched(pattern, what) {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.line);
    if (!match) this.fail(`${what} is missing at column ${this.at + 1}`);
    this.at += match[0].length;
    return match[0];
  }
};
function unescaped(text) {
  return text.includes("\\") ? text.replace(/\\(.)/g, (_, escaped) => escaped === "n" ? "\n" : escaped) : text;
}

// src/cli/contract-module.ts
async function loadContract(name, folder) {
  const loaded = await loadModule(name, folder);
  const fallback = loaded.default;
  const contract = loaded.contract ?? fallback?.contract ?? fallback?.default ?? fallback;
  if (contract === void 0) {
    throw new ObservabilityError(
      "OBS_COMMAND_INPUT",
      `${name} exports no contract, neither as default nor as \`contract\`.`
    );
  }
  return checkContract(contract);
}

// src/cli/exposition-breaches.ts
function expositionBreaches(contract, metrics) {
  return [...identityOfSeries(contract, metrics), ...metrics.flatMap(breachesOfMetric(contract))];
}
function countedBreaches(metrics) {
  const counts = {};
  for (const { name, samples } of metrics) {
    if (name !== "throughline_contract_violations_total") continue;
    for (const { labels, value } of samples) {
      const rule = contractRules.find((known) => known === labels.rule);
      if (rule && value > 0) counts[rule] = (counts[rule] ?? 0) + value;
    }
  }
  return counts;
}
function breachesOfMetric(contract) {
  const check = metricCheck(contract);
  return ({ name, type, samples }) => check({ name, type, labelNames: new Set(samples.flatMap(({ labels }) => Object.keys(labels))) });
}
function identityOfSeries(contract, metrics) {
  const found = /* @__PURE__ */ new Map();
  for (const metric of metrics) {
    for (const { labels } of metric.samples) {
      for (const breach of identityBreaches(contract, labels)) {
        const entry = found.get(breach.message) ?? { breach, metrics: /* @__PURE__ */ new Set() };
        found.set(breach.message, entry);
        entry.metrics.add(metric.name);
      }
    }
  }
  return [...found.values()].map(({ breach, metrics: names }) => ({
    ...breach,
    message: `${breach.message} on ${shownMetrics(names, metrics.length)}`
  }));
}
function shownMetrics(names, all) {
  if (names.size === all) return "any metric";
  const shown = [...names].slice(0, 3).join(", ");
  return names.size > 3 ? `${shown} and ${names.size - 3} more metrics` : shown;
}

// src/cli/headers.ts
function parseHeaders(given = [], flag = "--header") {
  return Object.fromEntries(
    given.map((header) => {
      const colon = header.indexOf(":");
      if (colon <= 0) throw commandInvalid(`${flag} takes 'Name: value'`);
      return [header.slice(0, colon).trim().toLowerCase(), header.slice(colon + 1).trim()];
    })
  );
}

// src/cli/read-text.ts
import { readFile } from "fs/promises";
import { resolve } from "path";
async function readText(source, io, { headers, timeoutMillis }) {
  try {
    if (source === "-") return await io.input();
    if (!/^https?:\/\//i.test(source)) return await readFile(resolve(io.folder, source), "utf8");
    const response = await fetch(source, { headers, signal: AbortSignal.timeout(timeoutMillis) });
    if (!response.ok) throw new Error(`the answer is ${response.status} ${response.statusText}`.trim());
    return await response.text();
  } catch (cause) {
    throw new ObservabilityError("OBS_COMMAND_INPUT", `${source} could not be read: ${reasonOf(cause)}.`, {
      cause
    });
  }
}
function reasonOf(error) {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || String(cause.code ?? error.message);
}

export {
  parseExposition,
  loadContract,
  expositionBreaches,
  countedBreaches,
  parseHeaders,
  readText,
  reasonOf
};
//# sourceMappingURL=chunk-BGE44BNR.js.map