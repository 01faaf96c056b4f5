import {
  channelLibraries,
  describeOptions,
  describePackages,
  examineLibraries,
  examineScrape,
  examinedPackages,
  findInstalledCopies,
  finding,
  findingOfError,
  knownRanges,
  loadedCopies,
  packageFolder,
  sortedFindings,
  versionFindings,
  withIdentity
} from "./chunk-LTGASLHP.js";
import {
  audit,
  contractBreached,
  createTextRedaction,
  emptyDiagnosis,
  exportConnections,
  parsePairs
} from "./chunk-OKTRVW2Y.js";
import {
  package_default,
  version
} from "./chunk-5UVLWR2H.js";
import "./chunk-HYO6SFH6.js";
import {
  identityLabels
} from "./chunk-K5GWHKQH.js";
import "./chunk-M47XFLI6.js";
import "./chunk-DGUM43GV.js";

// src/diagnosis/diagnose.ts
import { context } from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import satisfies from "semver/functions/satisfies.js";

// src/diagnosis/otlp-answer.ts
function endpointFinding(verdict, endpoint, what, source) {
  const from = source === "default" ? "is the default" : `comes from ${source}`;
  const message = `${endpoint} ${verdict.says}: ${what} cannot leave. The address ${from}.`;
  return finding(verdict.code, message, verdict);
}
function judge(response, endpoint) {
  return response.error ? judgeError(response.error, endpoint) : judgeStatus(response, endpoint);
}
function judgeError(error, endpoint) {
  const code = codeOf(error);
  const shown = code === "" ? error.message : code;
  if (code === "ECONNREFUSED") return { code: "OBS_ENDPOINT_REFUSED", says: `has no listener (${shown})` };
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return {
      code: "OBS_ENDPOINT_UNKNOWN_HOST",
      says: `has a host without an address (${endpoint.hostname}, ${shown})`
    };
  }
  if (code === "ETIMEDOUT" || code === "EHOSTUNREACH" || code === "ENETUNREACH") {
    return { code: "OBS_ENDPOINT_TIMEOUT", says: `does not answer (${error.message})` };
  }
  if (code.startsWith("HPE_")) {
    return {
      code: "OBS_ENDPOINT_NOT_OTLP",
      says: `does not speak HTTP/1.1${endpoint.port === "4317" ? "; 4317 is the port for gRPC" : ""} (${shown})`
    };
  }
  const tls = judgeTls(code, shown, endpoint);
  if (tls) return tls;
  return { code: "OBS_ENDPOINT_BROKEN", says: `breaks the connection (${shown})` };
}
var untrusted = /SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|CERT_UNTRUSTED|INVALID_CA/;
function judgeTls(code, shown, endpoint) {
  if (endpoint.protocol !== "https:") return void 0;
  if (untrusted.test(code)) {
    return {
      code: "OBS_ENDPOINT_TLS",
      says: `has a certificate that this service does not trust (${shown})`,
      cause: "The certificate is self-signed, or of an authority of your own, which Node does not know.",
      fix: "Give the certificate of the authority in OTEL_EXPORTER_OTLP_CERTIFICATE or the option `certificate` (a PEM file), or for the whole process in NODE_EXTRA_CA_CERTS."
    };
  }
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return {
      code: "OBS_ENDPOINT_TLS",
      says: `has a certificate that is not valid today (${shown})`,
      cause: "The certificate was not renewed, or a clock is wrong.",
      fix: "Renew the certificate of the endpoint."
    };
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return {
      code: "OBS_ENDPOINT_TLS",
      says: `has a certificate for another host than ${endpoint.hostname} (${shown})`,
      cause: "The endpoint is reached by a name that its certificate does not have.",
      fix: "Use the host name of the certificate, or add this one to it."
    };
  }
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST|EPROTO/.test(code)) {
    return {
      code: "OBS_ENDPOINT_TLS",
      says: `does not speak TLS (${shown})`,
      cause: "The endpoint says https://, and what listens there speaks plain HTTP.",
      fix: "Use http:// in the endpoint, or turn TLS on in the receiver."
    };
  }
  return /^ERR_(?:TLS|SSL)|CERT|TLSV1/.test(code) ? { code: "OBS_ENDPOINT_TLS", says: `cannot make a TLS connection (${shown})` } : void 0;
}
function codeOf(error) {
  if (typeof error.code === "string" && error.code !== "") return error.code;
  const [first] = error.errors ?? [];
  return String(first?.code ?? "");
}
function judgeStatus(answer, endpoint) {
  const { status, body, location } = answer;
  const shown = `${status}${quoted(body)}`;
  if (status >= 200 && status < 300) return judgeSuccess(answer);
  if (status === 401 || status === 403) {
    return { code: "OBS_ENDPOINT_UNAUTHORIZED", says: `refuses the credentials (${shown})` };
  }
  if (status === 404 || status === 405) {
    return { code: "OBS_ENDPOINT_NOT_FOUND", says: `does not know the path ${endpoint.pathname} (${shown})` };
  }
  if (status >= 300 && status < 400) {
    return {
      code: "OBS_ENDPOINT_REJECTED",
      says: `answers ${status}${location === void 0 ? "" : `, a redirect to ${location}`}`,
      cause: "Redirects are not followed: the address is that of a web page or of a proxy.",
      fix: "Use the address that the redirect leads to, if that is the receiver."
    };
  }
  if (status === 429 || status >= 500) {
    return { code: "OBS_ENDPOINT_UNAVAILABLE", says: `cannot take data now (${shown})` };
  }
  if (/http request.{0,20}https/i.test(body)) {
    return {
      code: "OBS_ENDPOINT_TLS",
      says: `wants TLS (${shown})`,
      cause: "The endpoint says http://, and what listens there speaks TLS.",
      fix: "Use https:// in the endpoint."
    };
  }
  return { code: "OBS_ENDPOINT_REJECTED", says: `rejects the data (${shown})` };
}
function judgeSuccess({ status, contentType, body }) {
  if (body.trim() === "") return void 0;
  if (/protobuf/i.test(contentType)) return void 0;
  const rejected = rejection(body);
  if (rejected === "no JSON object") {
    return {
      code: "OBS_ENDPOINT_NOT_OTLP",
      says: `answers ${status}, but not as OTLP does (${contentType || "no content type"})`
    };
  }
  return rejected === void 0 ? void 0 : { code: "OBS_ENDPOINT_REJECTED", says: `answers ${status}, and rejects the data (${rejected})` };
}
function rejection(body) {
  let value;
  try {
    value = JSON.parse(body);
  } catch {
    return "no JSON object";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "no JSON object";
  const { partialSuccess } = value;
  if (typeof partialSuccess !== "object" || partialSuccess === null) return void 0;
  const { errorMessage = "", ...counts } = partialSuccess;
  const isRejected = Object.values(counts).some((count) => Number(count) > 0);
  return isRejected ? String(errorMessage) || "without a reason" : void 0;
}
function quoted(body) {
  const line = body.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim();
  if (line === "") return "";
  return `: ${line.length > 120 ? `${line.slice(0, 120)}\u2026` : line}`;
}

// src/diagnosis/otlp-request.ts
import http from "http";
import https from "https";
import { gzipSync } from "zlib";
var maxBodyLength = 4096;
async function sendOtlp(signal, options, body, environment) {
  try {
    return await send(signal, options, JSON.stringify(body), environment);
  } catch (error) {
    return { error };
  }
}
function send(signal, options, text, environment) {
  const { endpoint, headers, compression, timeoutMillis } = options;
  const url = new URL(endpoint);
  const isTls = url.protocol === "https:";
  const body = compression === "gzip" ? gzipSync(text) : Buffer.from(text);
  const sentAtMillis = Date.now();
  return new Promise((done, fail) => {
    const request = (isTls ? https : http).request(
      url,
      {
        method: "POST",
        agent: false,
        ...isTls ? exportConnections(options).tls : {},
        headers: {
          // The stock exporter adds the headers of the environment to those of the options.
          ...environmentHeaders(signal, environment),
          ...headers,
          "content-type": "application/json",
          "content-length": body.length,
          ...compression === "gzip" ? { "content-encoding": "gzip" } : {}
        }
      },
      (response) => {
        const date = Date.parse(response.headers.date ?? "");
        const answeredAtMillis = Date.now();
        let answer = "";
        const end = () => {
          clearTimeout(timer);
          done({
            status: response.statusCode ?? 0,
            contentType: response.headers["content-type"] ?? "",
            location: response.headers.location,
            body: answer,
            clockSkewMillis: Number.isNaN(date) ? void 0 : skew(date, sentAtMillis, answeredAtMillis)
          });
        };
        response.setEncoding("utf8");
        response.on("data", (chunk) => {
          answer += chunk.slice(0, maxBodyLength - answer.length);
        });
        response.on("end", end);
        response.on("error", end);
      }
    );
    const timer = setTimeout(() => {
      fail(Object.assign(new Error(`no answer within ${timeoutMillis} ms`), { code: "ETIMEDOUT" }));
      request.destroy();
    }, timeoutMillis);
    request.on("error", (error) => {
      clearTimeout(timer);
      fail(error);
    });
    request.end(body);
  });
}
function skew(dateMillis, sentAtMillis, answeredAtMillis) {
  if (dateMillis > answeredAtMillis) return dateMillis - answeredAtMillis;
  const latest = dateMillis + 999;
  return latest < sentAtMillis ? latest - sentAtMillis : 0;
}
function environmentHeaders(signal, environment) {
  const pairs = (name) => {
    try {
      return parsePairs(environment[name] ?? "");
    } catch {
      return {};
    }
  };
  return {
    ...pairs("OTEL_EXPORTER_OTLP_HEADERS"),
    ...pairs(`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_HEADERS`)
  };
}

// src/diagnosis/test-signals.ts
import { randomBytes } from "crypto";
function createTestTrace() {
  return {
    traceId: randomBytes(16).toString("hex"),
    spanId: randomBytes(8).toString("hex"),
    timeUnixNano: `${BigInt(Date.now()) * 1000000n}`
  };
}
function testLine({ traceId }) {
  return `throughline doctor: test line ${traceId}`;
}
var scope = { name: "@throughline/core", version };
var isTest = [{ key: "throughline.doctor", value: { boolValue: true } }];
function testSpanRequest(identity, { traceId, spanId, timeUnixNano }) {
  const span = {
    traceId,
    spanId,
    name: "throughline doctor",
    kind: 1,
    startTimeUnixNano: timeUnixNano,
    endTimeUnixNano: `${BigInt(timeUnixNano) + 1000000n}`,
    attributes: isTest,
    status: {}
  };
  return { resourceSpans: [{ resource: resource(identity), scopeSpans: [{ scope, spans: [span] }] }] };
}
function testLogRequest(identity, trace) {
  const { traceId, spanId, timeUnixNano } = trace;
  const logRecord = {
    timeUnixNano,
    observedTimeUnixNano: timeUnixNano,
    severityNumber: 9,
    severityText: "info",
    body: { stringValue: testLine(trace) },
    attributes: isTest,
    traceId,
    spanId
  };
  return {
    resourceLogs: [{ resource: resource(identity), scopeLogs: [{ scope, logRecords: [logRecord] }] }]
  };
}
var emptyMetricsRequest = { resourceMetrics: [] };
function resource({ resourceAttributes }) {
  return {
    attributes: Object.entries(resourceAttributes).map(([key, stringValue]) => ({
      key,
      value: { stringValue }
    }))
  };
}

// src/diagnosis/backends.ts
var whatOf = {
  traces: "spans",
  logs: "log records",
  metrics: "metric points"
};
var optionOf = {
  traces: "traces.endpoint",
  logs: "logs.endpoint",
  metrics: "metrics.push.endpoint"
};
var skewLimitMillis = 5e3;
async function examineBackends(question) {
  const used = endpointsInUse(question);
  if (question.trace === void 0) {
    return { backends: used.map(({ signal, options }) => notAsked(signal, options)), findings: [] };
  }
  const trace = question.trace;
  const results = await Promise.all(used.map((each) => examine(each, question, trace)));
  return {
    backends: results.map(({ backend }) => backend),
    findings: [...failures(results, question.sources), ...skews(results)]
  };
}
function endpointsInUse({ options, isPushed }) {
  const { traces, logs, metrics } = options;
  return [
    ...traces.exporter === "otlp" ? [{ signal: "traces", options: traces }] : [],
    ...logs.destinations.includes("otlp") ? [{ signal: "logs", options: logs }] : [],
    ...isPushed && metrics.push ? [{ signal: "metrics", options: metrics.push }] : []
  ];
}
async function examine({ signal, options }, { identity, environment, timeoutMillis }, trace) {
  const bounded = { ...options, timeoutMillis: Math.min(options.timeoutMillis, timeoutMillis) };
  const bodies = {
    traces: () => testSpanRequest(identity, trace),
    logs: () => testLogRequest(identity, trace),
    metrics: () => emptyMetricsRequest
  };
  const send2 = (endpoint, body) => sendOtlp(signal, { ...bounded, endpoint }, body, environment);
  const startMillis = performance.now();
  const response = await send2(options.endpoint, bodies[signal]());
  const durationMillis = Math.round(performance.now() - startMillis);
  const url = new URL(options.endpoint);
  let verdict = judge(response, url);
  if (verdict?.code === "OBS_ENDPOINT_NOT_FOUND") {
    verdict = await withRightPath(verdict, signal, url, (endpoint) => send2(endpoint, emptyRequestOf(signal)));
  }
  return {
    verdict,
    backend: {
      signal,
      endpoint: shownUrl(options.endpoint),
      isTaken: verdict === void 0,
      status: response.error ? void 0 : response.status,
      durationMillis,
      clockSkewMillis: response.error ? void 0 : response.clockSkewMillis
    }
  };
}
async function withRightPath(verdict, signal, url, ask) {
  const standard = `/v1/${signal}`;
  const below = `${url.pathname.replace(/\/+$/, "")}${standard}`;
  const once = url.pathname.replace(`${standard}${standard}`, standard);
  for (const pathname of /* @__PURE__ */ new Set([standard, below, once])) {
    if (pathname === url.pathname) continue;
    const other = Object.assign(new URL(url), { pathname });
    const response = await ask(other.href);
    if (response.error || response.status === 404 || response.status === 405) continue;
    if (judge(response, other)?.code === "OBS_ENDPOINT_NOT_OTLP") continue;
    return {
      ...verdict,
      cause: `The receiver is at ${shownUrl(other.href)}.`,
      fix: `Use ${shownUrl(other.href)}, or ${shownUrl(other.href.slice(0, -standard.length))} in OTEL_EXPORTER_OTLP_ENDPOINT, to which ${standard} is appended.`
    };
  }
  return url.pathname === standard ? {
    code: "OBS_ENDPOINT_NOT_OTLP",
    says: `is no OTLP/HTTP receiver: it d${verdict.says.slice(1)}`
  } : verdict;
}
var emptyRequestOf = (signal) => ({ traces: { resourceSpans: [] }, logs: { resourceLogs: [] }, metrics: emptyMetricsRequest })[signal];
function failures(results, sources) {
  const groups = /* @__PURE__ */ new Map();
  for (const { verdict, backend } of results) {
    if (!verdict) continue;
    const key = `${verdict.code} ${new URL(backend.endpoint).origin}`;
    const group = groups.get(key) ?? { verdict, endpoint: backend.endpoint, signals: [] };
    groups.set(key, group);
    group.signals.push(backend.signal);
  }
  return [...groups.values()].map(
    ({ verdict, endpoint, signals }) => endpointFinding(
      verdict,
      endpoint,
      listed(signals.map((signal) => whatOf[signal])),
      sources[optionOf[signals[0]]] ?? "default"
    )
  );
}
function skews(results) {
  const worst = /* @__PURE__ */ new Map();
  for (const { backend } of results) {
    const { clockSkewMillis = 0 } = backend;
    const { host } = new URL(backend.endpoint);
    if (Math.abs(clockSkewMillis) > Math.max(skewLimitMillis, Math.abs(worst.get(host) ?? 0))) {
      worst.set(host, clockSkewMillis);
    }
  }
  return [...worst].map(
    ([host, millis]) => finding(
      "OBS_CLOCK_SKEW",
      `The clock of ${host} is ${shownDuration(Math.abs(millis))} ${millis > 0 ? "ahead of" : "behind"} the one of this machine.`
    )
  );
}
function shownDuration(millis) {
  const seconds = Math.round(millis / 1e3);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
var withoutSecrets = createTextRedaction([]);
function shownUrl(url) {
  return withoutSecrets(url);
}
function listed(words) {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
function notAsked(signal, { endpoint }) {
  return {
    signal,
    endpoint: shownUrl(endpoint),
    isTaken: void 0,
    status: void 0,
    durationMillis: void 0,
    clockSkewMillis: void 0
  };
}

// src/diagnosis/diagnose.ts
var defaultTimeoutMillis = 5e3;
function diagnose(parts, options = {}) {
  return context.with(suppressTracing(context.active()), () => examineAll(parts, options));
}
async function examineAll(parts, { timeoutMillis: limit, contact = true, testLine: writesLine = false }) {
  const timeoutMillis = limit !== void 0 && limit > 0 ? limit : defaultTimeoutMillis;
  const findings = [...nodeFindings()];
  const part = async (what, examine2, otherwise) => {
    try {
      return await examine2();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      findings.push(finding("OBS_DIAGNOSIS_FAILED", `Nothing can be said about ${what}: ${reason}.`));
      return otherwise;
    }
  };
  const { resolved, environment, identity, servicePackage, isPushed, plugins } = parts;
  const { options } = resolved;
  const trace = contact ? createTestTrace() : void 0;
  if (trace && writesLine && !options.logs.destinations.includes("otlp")) {
    await part(
      "log lines",
      () => audit(parts.logger, testLine(trace), { "throughline.doctor": true }),
      void 0
    );
  }
  const asked = parts.patches.packages();
  const pluginStates = plugins.names.map((name) => ({
    name,
    on: plugins.isOn(name),
    records: asked.filter(({ owner }) => owner === name).map((each) => ({ name: each.name, versions: knownRanges([...each.supportedVersions]) }))
  }));
  const [backendReport, scrapeReport, installed] = await Promise.all([
    part(
      "the OTLP endpoints",
      () => examineBackends({ ...resolved, isPushed, identity, environment, timeoutMillis, trace }),
      { backends: [], findings: [] }
    ),
    part(
      "the metrics endpoint",
      async () => examineScrape(options, await parts.endpoint(), timeoutMillis),
      { scrape: void 0, findings: [] }
    ),
    part(
      "the installed packages",
      () => findInstalledCopies(
        [...examinedPackages, ...Object.keys(channelLibraries)],
        packageFolder(process.argv[1])
      ),
      []
    )
  ]);
  const packages = await part("the packages", () => describePackages(installed), []);
  const libraryReport = await part(
    "the libraries",
    () => examineLibraries({
      asked,
      listeners: parts.patches.listeners(),
      plugins: pluginStates,
      copiesOf: loadedCopies,
      isInstalled: (name) => installed.some((copy) => copy.name === name),
      arePluginsListed: resolved.sources.plugins !== "installed packages",
      stage: "loaded"
    }),
    { libraries: [], findings: [] }
  );
  const described = await part(
    "the options",
    () => withIdentity(describeOptions(resolved), identity, servicePackage, environment),
    []
  );
  const breaches = parts.breaches();
  findings.push(
    ...backendReport.findings,
    ...scrapeReport.findings,
    ...libraryReport.findings,
    ...versionFindings(packages),
    ...breaches.length > 0 ? [findingOfError(contractBreached(breaches))] : [],
    ...reported(
      parts.problems,
      backendReport.backends.some(({ isTaken }) => isTaken === false),
      scrapeReport.holder
    )
  );
  const sorted = sortedFindings(findings);
  return {
    ...emptyDiagnosis("on", sorted),
    identity: identityLabels(identity),
    plugins: pluginStates,
    packages,
    libraries: libraryReport.libraries,
    options: described,
    contract: options.contract && { mode: options.contract.mode, breaches },
    backends: backendReport.backends,
    scrape: scrapeReport.scrape,
    sent: await part("what was sent", () => sent(parts.registry), { spans: {}, logRecords: {} }),
    testTraceId: trace?.traceId
  };
}
function inertDiagnosis(state) {
  const found = state === "off" ? finding("OBS_SWITCHED_OFF", "Throughline is switched off in this process: nothing is recorded.") : finding("OBS_NOT_STARTED", "Throughline was not started in this process: nothing is recorded.");
  return emptyDiagnosis(state, sortedFindings([...nodeFindings(), found]));
}
function reported(problems, hasEndpointFinding, portHolder) {
  return problems.all().filter(
    ({ code }) => code !== "OBS_CONTRACT_BREACHED" && !(code === "OBS_EXPORT_FAILED" && hasEndpointFinding)
  ).map((error) => {
    const found = findingOfError(error);
    return error.code === "OBS_METRICS_PORT_IN_USE" && portHolder !== void 0 ? { ...found, message: `${found.message} The metrics of '${portHolder}' are there.` } : found;
  });
}
function nodeFindings() {
  const { node } = process.versions;
  const wanted = package_default.engines.node;
  return satisfies(node, wanted, { includePrerelease: true }) ? [] : [finding("OBS_NODE_UNSUPPORTED", `Node ${node} does not meet ${wanted}.`)];
}
async function sent(registry) {
  const counts = async (name) => {
    const metric = await registry.getSingleMetric(name)?.get();
    return Object.fromEntries(
      (metric?.values ?? []).map(({ labels, value }) => [String(labels.result), value])
    );
  };
  return {
    spans: await counts("throughline_spans_total"),
    logRecords: await counts("throughline_log_records_total")
  };
}
export {
  diagnose,
  inertDiagnosis
};
//# sourceMappingURL=diagnose-C6KYQ7M5.js.map