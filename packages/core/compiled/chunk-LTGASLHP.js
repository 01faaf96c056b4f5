import {
  agents,
  copyOfFile,
  createLineValues,
  loadedFiles,
  optionTable,
  redacted,
  singletons
} from "./chunk-OKTRVW2Y.js";
import {
  errorCatalogue
} from "./chunk-M47XFLI6.js";

// src/diagnosis/findings.ts
var findingCatalogue = {
  OBS_NOT_INSTALLED: {
    level: "error",
    message: "The folder does not have @throughline/core.",
    cause: "It is not installed, or this is not the folder of the service.",
    fix: "Run `npm install @throughline/core` in the folder of the service, or run the command there."
  },
  OBS_NOT_STARTED: {
    level: "error",
    message: "Throughline was not started: nothing is recorded.",
    cause: "The process never called initObservability, and was not started with the register entry.",
    fix: "Call initObservability() in the service, or start it with `node --import @throughline/core/register`."
  },
  OBS_SWITCHED_OFF: {
    level: "warning",
    message: "Throughline is switched off: nothing is recorded.",
    cause: "The option `enabled` is false, or OTEL_SDK_DISABLED is true.",
    fix: "Take the option or the variable away where the service should be seen."
  },
  OBS_SERVICE_ENDED: {
    level: "error",
    message: "The service ended before it was up.",
    cause: "It failed at start, or it is no service but a script.",
    fix: "Read the last lines that it wrote; start it in the same folder and environment as usual."
  },
  OBS_SERVICE_LATE: {
    level: "warning",
    message: "The service was not up in time; it was examined as far as it had come.",
    cause: "It takes long to start, or it waits for something that is not there, such as its database.",
    fix: "Give it more time with `--wait <seconds>`, or start what it needs first."
  },
  OBS_SERVICE_UNREACHABLE: {
    level: "error",
    message: "The metrics server of the service does not answer.",
    cause: "The address is wrong, the service is not running, or its metrics endpoint is off or has another port.",
    fix: "Use the address that its log line at start names (`metrics_port`), by default http://localhost:9464."
  },
  OBS_DETAILS_HIDDEN: {
    level: "info",
    message: "Only what /metrics and the health checks tell was looked at.",
    cause: "Without the token of live control a running service tells nobody more.",
    fix: "Set THROUGHLINE_CONTROL_TOKEN for the service and for this command; docs/live-control.md says how."
  },
  OBS_NODE_UNSUPPORTED: {
    level: "error",
    message: "This version of Node is too old.",
    cause: "Throughline is made for, and tested on, Node 20.19 and later.",
    fix: "Run the service on a supported version of Node."
  },
  OBS_VERSIONS_DIFFER: {
    level: "warning",
    message: "Throughline's packages have different versions.",
    cause: "One of them was updated alone; they are tested together in one version only.",
    fix: "Install all @throughline packages in the same version."
  },
  OBS_ENDPOINT_REFUSED: {
    level: "error",
    message: "Nothing listens at the OTLP endpoint.",
    cause: "The backend or collector is not running, or the host or port is wrong. Inside a container `localhost` is the container itself.",
    fix: "Start the collector, or point OTEL_EXPORTER_OTLP_ENDPOINT at where it is (OTLP over HTTP, normally port 4318)."
  },
  OBS_ENDPOINT_UNKNOWN_HOST: {
    level: "error",
    message: "The host of the OTLP endpoint has no address.",
    cause: "Its name is misspelled, or is known only in another network or namespace.",
    fix: "Correct the host in OTEL_EXPORTER_OTLP_ENDPOINT; in Kubernetes use `<service>.<namespace>`."
  },
  OBS_ENDPOINT_TIMEOUT: {
    level: "error",
    message: "The OTLP endpoint does not answer in time.",
    cause: "A firewall or network policy swallows the packets, or the backend is overloaded.",
    fix: "Allow the connection from the service to the endpoint, and look at the health of the backend."
  },
  OBS_ENDPOINT_TLS: {
    level: "error",
    message: "No TLS connection to the OTLP endpoint can be made.",
    cause: "Its certificate is self-signed, expired, or for another host, or only one of the two sides speaks TLS.",
    fix: "Give the certificate of its authority in OTEL_EXPORTER_OTLP_CERTIFICATE or NODE_EXTRA_CA_CERTS, or use the right one of http:// and https://."
  },
  OBS_ENDPOINT_BROKEN: {
    level: "error",
    message: "The connection to the OTLP endpoint breaks.",
    cause: "What listens there closes it: a proxy, a server that expects TLS, or one that is restarting.",
    fix: "See what listens at that host and port, and use the address of the OTLP/HTTP receiver itself."
  },
  OBS_ENDPOINT_NOT_OTLP: {
    level: "error",
    message: "Something else than an OTLP/HTTP receiver answers at the OTLP endpoint.",
    cause: "The port belongs to another server: the gRPC receiver (4317), a web page, or another service.",
    fix: "Use the port of the OTLP/HTTP receiver, normally 4318."
  },
  OBS_ENDPOINT_NOT_FOUND: {
    level: "error",
    message: "The OTLP endpoint does not know the path.",
    cause: "A part of the path is missing or doubled. OTEL_EXPORTER_OTLP_ENDPOINT gets /v1/traces appended; the variables of one signal, and the options in code, are taken as they are.",
    fix: "Correct the path: a collector takes /v1/traces, /v1/logs and /v1/metrics; backends say what stands in front of it."
  },
  OBS_ENDPOINT_UNAUTHORIZED: {
    level: "error",
    message: "The OTLP endpoint refuses the credentials.",
    cause: "The header with the token is missing, wrong or expired, or the token may not write.",
    fix: "Set OTEL_EXPORTER_OTLP_HEADERS, for example 'authorization=Bearer%20\u2026' (values are percent-encoded), or the option `headers`."
  },
  OBS_ENDPOINT_UNAVAILABLE: {
    level: "error",
    message: "The OTLP endpoint cannot take data now.",
    cause: "The backend is overloaded or not ready, or a proxy has none behind it.",
    fix: "Look at the health and the limits of the backend. Until then data waits in a bounded queue."
  },
  OBS_ENDPOINT_REJECTED: {
    level: "error",
    message: "The OTLP endpoint rejects the data.",
    cause: "It takes another encoding than OTLP/JSON, another tenant, or has a limit that the data breaks.",
    fix: "Read its answer in the message; let an OpenTelemetry Collector stand in between if it takes protobuf only."
  },
  OBS_CLOCK_SKEW: {
    level: "warning",
    message: "The clocks of this machine and of the backend differ.",
    cause: "One of them is not set by a time server.",
    fix: "Turn on NTP (chrony, systemd-timesyncd) on the machine that is wrong; spans of one trace are in disorder until then."
  },
  OBS_LIBRARY_UNSUPPORTED: {
    level: "error",
    message: "A library is loaded in a version that is not supported: what it does is not recorded.",
    cause: "It is older or newer than the versions that the plugin was made for and tested with.",
    fix: "Install a supported version of the library, or a newer version of the plugin."
  },
  OBS_LIBRARY_NOT_RECORDED: {
    level: "warning",
    message: "A library is loaded in a supported version, but nothing of it is recorded.",
    cause: "The file that the plugin changes was not loaded, came from another place than node_modules, or could not be changed.",
    fix: "Pass the module to the plugin by its option `modules`, and see whether the log has OBS_INSTRUMENTATION_FAILED."
  },
  OBS_PLUGIN_MISSING: {
    level: "warning",
    message: "A library is loaded, and the plugin that records it is not in use.",
    cause: "The plugin is not installed, or not listed in `plugins`, or was switched off by live control.",
    fix: "Install the plugin, and add it to `plugins`."
  },
  OBS_PLUGIN_IDLE: {
    level: "warning",
    message: "A plugin has found none of the libraries that it records.",
    cause: "The service does not use them, or loads them later; or it is bundled into one file, where they cannot be found.",
    fix: "Take the plugin away if it is not needed; in a bundled service give it the modules: `expressPlugin({ modules: { express } })`."
  },
  OBS_INSTRUMENTATION_MISSING: {
    level: "info",
    message: "A library is loaded that Throughline has no plugin for.",
    cause: "There is a stock OpenTelemetry instrumentation for it, which is not in use.",
    fix: "Install that instrumentation, and add it to `instrumentations`."
  },
  OBS_METRICS_UNREACHABLE: {
    level: "error",
    message: "The metrics endpoint of the service does not answer as it should.",
    cause: "Something else holds the address, or a metric takes too long to collect.",
    fix: "Look at what listens on that port, and at the `collect` and `observe` callbacks of the metrics."
  },
  OBS_NOT_READY: {
    level: "warning",
    message: "A health check of the service fails.",
    cause: "Something that it needs is down, or the service is starting or stopping.",
    fix: "Mend what the failing check names."
  },
  OBS_SPAN_NOT_FOUND: {
    level: "error",
    message: "The test span was taken, but Tempo does not have it.",
    cause: "The collector in between does not send to this Tempo, samples it away, or the query is for another tenant.",
    fix: "Follow the way of the span: the exporters and processors of the collector, then the distributor of Tempo."
  },
  OBS_LINE_NOT_FOUND: {
    level: "error",
    message: "The test line was written, but Loki does not have it.",
    cause: "The agent does not read the output of the service, Loki rejects its lines, or they lack the label `service_name`.",
    fix: "Look at the log of the agent or collector, and at the labels of the lines in Loki."
  },
  OBS_NOT_LOOKED_FOR: {
    level: "info",
    message: "Tempo or Loki was not asked, because nothing is on its way there.",
    cause: "Spans or lines do not leave by OTLP; the output of a service that was started here is collected by nobody; or a running service was asked without its token.",
    fix: "Ask the running service, with its token: `throughline doctor --attach \u2026 --tempo \u2026 --loki \u2026`."
  },
  OBS_QUERY_FAILED: {
    level: "error",
    message: "Tempo or Loki could not be asked.",
    cause: "The address is wrong, needs credentials, or is that of the intake instead of the query API.",
    fix: "Use the address that Grafana uses as the data source; normally Tempo has port 3200, and Loki 3100."
  },
  OBS_DIAGNOSIS_FAILED: {
    level: "warning",
    message: "A part of the diagnosis could not be made.",
    cause: "A defect, or surroundings that do not allow it, such as a file system that cannot be read.",
    fix: "Read the message; the rest of the diagnosis stands. Report it if it looks like a defect."
  }
};
var reportedAsError = /* @__PURE__ */ new Set([
  "OBS_OPTION_UNKNOWN",
  "OBS_OPTION_INVALID",
  "OBS_PLUGIN_INVALID",
  "OBS_PLUGIN_SETUP_FAILED",
  "OBS_PLUGIN_NOT_LOADED",
  "OBS_INSTRUMENTATION_FAILED",
  "OBS_METRICS_PORT_IN_USE",
  "OBS_METRICS_ENDPOINT_FAILED",
  "OBS_CONTRACT_INVALID",
  "OBS_CONTRACT_BREACHED",
  "OBS_LOG_FILE_FAILED",
  "OBS_DUPLICATE_PACKAGE",
  "OBS_SDK_ALREADY_REGISTERED"
]);
function finding(code, message, particular = {}) {
  const entry = findingCatalogue[code];
  return {
    code,
    level: particular.level ?? entry.level,
    message,
    cause: particular.cause ?? entry.cause,
    fix: particular.fix ?? entry.fix,
    page: pageOf("findings", code)
  };
}
function findingOfError({ code, message, fix }, level) {
  return {
    code,
    level: level ?? (reportedAsError.has(code) ? "error" : "warning"),
    message,
    cause: errorCatalogue[code].cause,
    fix,
    page: pageOf("errors", code)
  };
}
var order = ["error", "warning", "info"];
function sortedFindings(findings) {
  const seen = /* @__PURE__ */ new Set();
  const distinct = findings.filter(({ code, message }) => {
    const key = `${code} ${message}`;
    return !seen.has(key) && seen.add(key);
  });
  return distinct.sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}
function pageOf(page, code) {
  return `docs/reference/${page}.md#${code.toLowerCase()}`;
}

// src/diagnosis/scrape.ts
import http from "http";
async function examineScrape({ metrics }, endpoint, timeoutMillis) {
  if (!endpoint || !metrics.endpoint) return { scrape: void 0, findings: [] };
  const { path, token, port: wanted, host } = metrics.endpoint;
  const url = `http://${reachable(host)}:${endpoint.port ?? wanted}${path}`;
  const ask = (given) => get(url, given, timeoutMillis);
  if (endpoint.port === void 0 && endpoint.isElsewhere) {
    if (wanted === 0) return { scrape: void 0, findings: [] };
  } else if (endpoint.port === void 0) {
    return { scrape: { url, ...nothing }, holder: await holderOf(() => ask(void 0)), findings: [] };
  }
  const startMillis = performance.now();
  try {
    const { status, body } = await ask(token);
    const durationMillis = Math.round(performance.now() - startMillis);
    const scrape = { url, status, durationMillis, series: countSeries(body) };
    return {
      scrape,
      findings: status === 200 ? [] : [finding("OBS_METRICS_UNREACHABLE", `${url} answers ${status}.`)]
    };
  } catch (error) {
    return {
      scrape: { url, ...nothing },
      findings: [
        finding("OBS_METRICS_UNREACHABLE", `${url} could not be read: ${error.message}.`)
      ]
    };
  }
}
var nothing = { status: void 0, durationMillis: void 0, series: void 0 };
async function holderOf(ask) {
  const answer = await ask().catch(() => void 0);
  return /^target_info\{[^}]*service_name="([^"]*)"/m.exec(answer?.body ?? "")?.[1];
}
function reachable(host) {
  if (host === void 0 || host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
function countSeries(body) {
  return body.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length;
}
function get(url, token, timeoutMillis) {
  return new Promise((resolve, reject) => {
    const request = http.get(
      url,
      { agent: false, headers: token === void 0 ? {} : { authorization: `Bearer ${token}` } },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => {
          body += chunk;
        });
        response.on("error", reject);
        response.on("end", () => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, body });
        });
      }
    );
    const timer = setTimeout(
      () => request.destroy(new Error(`no answer within ${timeoutMillis} ms`)),
      timeoutMillis
    );
    request.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

// src/diagnosis/known-libraries.ts
var express = { plugin: "express", from: "@throughline/express", call: "expressPlugin()" };
var db = { plugin: "db", from: "@throughline/db", call: "dbPlugin()" };
var kafka = { plugin: "kafka", from: "@throughline/kafka", call: "kafkaPlugin()" };
var pluginLibraries = {
  express,
  pg: db,
  mysql2: db,
  ioredis: db,
  "@redis/client": db,
  mongodb: db,
  kafkajs: kafka,
  "@confluentinc/kafka-javascript": kafka,
  "node-rdkafka": kafka
};
var channelLibraries = { "@platformatic/kafka": "kafka" };
var esModuleLibraries = {
  "@nestjs/common": 12,
  "@nestjs/core": 12
};
var outdatedLibraries = { redis: { plugin: "db", below: 4 } };
var stockInstrumentations = {
  "@grpc/grpc-js": "@opentelemetry/instrumentation-grpc",
  "@hapi/hapi": "@opentelemetry/instrumentation-hapi",
  amqplib: "@opentelemetry/instrumentation-amqplib",
  "cassandra-driver": "@opentelemetry/instrumentation-cassandra-driver",
  fastify: "@fastify/otel",
  koa: "@opentelemetry/instrumentation-koa",
  memcached: "@opentelemetry/instrumentation-memcached",
  mysql: "@opentelemetry/instrumentation-mysql",
  oracledb: "@opentelemetry/instrumentation-oracledb",
  restify: "@opentelemetry/instrumentation-restify",
  tedious: "@opentelemetry/instrumentation-tedious"
};

// src/diagnosis/libraries.ts
import { isBuiltin } from "module";
import satisfies from "semver/functions/satisfies.js";
function examineLibraries(question) {
  const judged = [
    ...judgeAsked(question),
    ...[...question.listeners].map(listening),
    ...judgeUnasked(question)
  ];
  return {
    libraries: judged.map(({ library }) => library).sort((a, b) => a.name < b.name ? -1 : 1),
    findings: [
      ...judged.flatMap((each) => each.finding ?? []),
      ...question.stage === "loaded" ? idlePlugins(question) : []
    ]
  };
}
function listening(name) {
  const nothing2 = { version: void 0, folder: void 0, reason: void 0 };
  return { library: { name, by: [name], isRecorded: true, ...nothing2 } };
}
function judgeAsked({ asked, plugins, copiesOf, stage }) {
  const isOff = (owner) => plugins.some(({ name, on }) => name === owner && !on);
  const isDoneElsewhere = ({ owner }) => !plugins.some(({ name }) => name === owner) && asked.some((each) => each.owner === owner && each.folders.size > 0);
  return [...groupedByName(asked)].flatMap(([name, owners]) => {
    const by = owners.map(({ owner }) => owner);
    const base = { name, by, reason: void 0 };
    const isGiven = owners.some(({ given: given2 }) => given2);
    if (isBuiltin(name)) {
      return [{ library: { ...base, version: void 0, folder: void 0, isRecorded: true } }];
    }
    const given = isGiven ? [{ library: { ...base, version: void 0, folder: void 0, isRecorded: true } }] : [];
    const ranges = owners.flatMap(({ supportedVersions }) => [...supportedVersions]);
    return given.concat(
      copiesOf(name).map(({ folder, version }) => {
        const library = { ...base, version, folder };
        if (owners.every(({ owner }) => isOff(owner))) {
          return {
            library: { ...library, isRecorded: false, reason: `plugin ${by.join(", ")} is switched off` }
          };
        }
        if (isKnownEsModule(name, version)) return { library: { ...library, isRecorded: true } };
        if (!isSupported(version, ranges)) return unsupported(library, ranges);
        if (stage === "installed" || owners.some(({ folders }) => folders.has(folder))) {
          return { library: { ...library, isRecorded: true } };
        }
        if (isGiven) return { library: { ...library, isRecorded: true } };
        return {
          library: { ...library, isRecorded: false, reason: "nothing of it was patched" },
          finding: owners.some(isDoneElsewhere) ? void 0 : finding(
            "OBS_LIBRARY_NOT_RECORDED",
            `${name} ${version ?? ""} in ${folder} is loaded, and ${by.join(", ")} has patched nothing of it.`
          )
        };
      })
    );
  });
}
function judgeUnasked({ asked, listeners, plugins, copiesOf, stage }) {
  const isAsked = (name) => asked.some((each) => each.name === name);
  const judged = [];
  const add = (name, reason, by, found) => {
    for (const { folder, version } of copiesOf(name)) {
      const library = { name, version, folder, isRecorded: false, by: [by], reason };
      judged.push({ library, finding: found });
    }
  };
  for (const [name, { plugin, from, call }] of Object.entries(pluginLibraries)) {
    if (isAsked(name)) continue;
    const has = plugins.some((each) => each.name === plugin);
    const fix = has ? void 0 : { fix: `\`npm install ${from}\`, and add ${call} to \`plugins\`.` };
    const is = stage === "loaded" ? "loaded" : "installed";
    const message = `${name} is ${is}, and the plugin that records it (${from}) is not in use.`;
    add(name, `${from} is not in use`, from, finding("OBS_PLUGIN_MISSING", message, fix));
  }
  for (const [name, { plugin, below }] of Object.entries(outdatedLibraries)) {
    if (!plugins.some((each) => each.name === plugin)) continue;
    for (const { folder, version } of copiesOf(name)) {
      if (version === void 0 || satisfies(version, `>=${below}`)) continue;
      judged.push(
        unsupported({ name, version, folder, by: [plugin], reason: void 0 }, [`>=${below}.0.0`])
      );
    }
  }
  if (stage === "installed") return judged;
  for (const [name, instrumentation] of Object.entries(stockInstrumentations)) {
    if (isAsked(name) || listeners.has(instrumentation)) continue;
    const message = `${name} is loaded, and nothing records it.`;
    const fix = `\`npm install ${instrumentation}\`, and add it to \`instrumentations\`.`;
    const found = finding("OBS_INSTRUMENTATION_MISSING", message, { fix });
    add(name, "there is no plugin for it", instrumentation, found);
  }
  return judged;
}
function unsupported(library, ranges) {
  const { name, version, folder, by } = library;
  const supported = knownRanges(ranges).join(" or ");
  return {
    library: { ...library, isRecorded: false, reason: `version ${version} is not supported: ${supported}` },
    finding: finding(
      "OBS_LIBRARY_UNSUPPORTED",
      `${name} ${version} in ${folder} is not recorded: ${by.join(", ")} takes ${supported}.`,
      { fix: `Install ${name} ${supported}, or a newer version of the plugin.` }
    )
  };
}
function knownRanges(ranges) {
  const known = [...new Set(ranges)].filter((range) => range !== "*");
  return known.length > 0 ? known : ["*"];
}
function isSupported(version, ranges) {
  if (version === void 0 || ranges.length === 0) return true;
  return knownRanges(ranges).some((range) => satisfies(version, range, { includePrerelease: true }));
}
function isKnownEsModule(name, version) {
  const major = esModuleLibraries[name];
  return major !== void 0 && version !== void 0 && satisfies(version, `>=${major}`);
}
function idlePlugins({
  asked,
  plugins,
  copiesOf,
  isInstalled,
  arePluginsListed
}) {
  return plugins.flatMap(({ name, on }) => {
    const own = asked.filter(({ owner }) => owner === name);
    if (!on || own.length === 0) return [];
    const isUsed = own.some((each) => each.given || isBuiltin(each.name) || copiesOf(each.name).length > 0) || Object.entries(channelLibraries).some(([library, plugin]) => plugin === name && isInstalled(library));
    if (isUsed) return [];
    const names = [...new Set(own.map((each) => each.name))].join(", ");
    return [
      finding(
        "OBS_PLUGIN_IDLE",
        `Plugin '${name}' has found none of its libraries: ${names}.`,
        arePluginsListed ? {} : { level: "info" }
      )
    ];
  });
}
function groupedByName(asked) {
  const groups = /* @__PURE__ */ new Map();
  for (const each of asked) groups.set(each.name, [...groups.get(each.name) ?? [], each]);
  return groups;
}

// src/diagnosis/option-report.ts
function describeOptions({
  options,
  sources
}) {
  const values = createLineValues({ redact: [], maxFieldLength: 1e3 });
  const described = [];
  const walk = (table, resolved, prefix) => {
    for (const [name, entry] of Object.entries(table)) {
      const path = prefix + name;
      const value = resolved[name];
      if (entry.kind === "group" && value !== false) {
        walk(entry.members, value, `${path}.`);
        continue;
      }
      values.begin();
      const shown = entry.kind === "option" && entry.secret ? masked(value) : values.field(name, plain(value));
      described.push({ name: path, value: shown, source: sources[path] ?? "default" });
    }
  };
  walk(optionTable, options, "");
  return described;
}
function withIdentity(described, identity, servicePackage, environment) {
  const found = {
    serviceName: {
      value: identity.serviceName,
      otherwise: identity.serviceName === servicePackage.name ? "package.json" : "default"
    },
    serviceVersion: {
      value: identity.serviceVersion,
      otherwise: identity.serviceVersion === servicePackage.version ? "package.json" : "default"
    },
    serviceNamespace: { value: identity.serviceNamespace, otherwise: "default" },
    environment: {
      value: identity.environment,
      otherwise: environment.NODE_ENV ? "environment NODE_ENV" : "default"
    },
    team: { value: identity.team, otherwise: "default" }
  };
  const given = described.find(({ name }) => name === "resourceAttributes")?.value;
  const attributes = new Set(typeof given === "object" && given !== null ? Object.values(given) : []);
  return described.map((option) => {
    const part = found[option.name];
    if (!part || option.source !== "default" || part.value === void 0) return option;
    const source = attributes.has(part.value) ? "resource attributes" : part.otherwise;
    return { name: option.name, value: part.value, source };
  });
}
function masked(value) {
  if (typeof value !== "object" || value === null) return value === void 0 ? void 0 : redacted;
  return Object.fromEntries(Object.keys(value).map((name) => [name, redacted]));
}
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof RegExp) return String(value);
  if (typeof value === "function") return `function ${value.name || "(anonymous)"}`;
  if (typeof value !== "object" || value === null) return value;
  const { name, instrumentationName, mode } = value;
  if (typeof instrumentationName === "string") return instrumentationName;
  if (typeof name === "string") return name;
  if (mode === "warn" || mode === "error") return `mode ${mode}`;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? value : String(value.constructor?.name || "an object");
}

// src/diagnosis/package-copies.ts
import { existsSync } from "fs";
import { readdir, readFile, realpath } from "fs/promises";
import { dirname, join } from "path";
function packageFolder(file) {
  const start = file === void 0 ? process.cwd() : dirname(file);
  return [start, ...foldersAbove(start)].find((folder) => existsSync(join(folder, "package.json"))) ?? start;
}
async function findInstalledCopies(names, folder) {
  const wanted = new Set(names);
  const found = /* @__PURE__ */ new Map();
  const visited = /* @__PURE__ */ new Set();
  const add = async (name, path) => {
    const copy = await readCopy(name, path);
    if (copy) found.set(copy.folder, copy);
  };
  const visit = async (nodeModules) => {
    if (visited.has(nodeModules)) return;
    visited.add(nodeModules);
    for (const { name, path, isLink } of await packagesIn(nodeModules)) {
      if (wanted.has(name)) await add(name, path);
      const place = isLink ? await realpath(path).catch(() => path) : path;
      await visit(join(place, "node_modules"));
      if (isLink && place.endsWith(join("node_modules", name))) await visit(place.slice(0, -name.length - 1));
    }
  };
  await visit(join(folder, "node_modules"));
  for (const above of foldersAbove(folder)) {
    await Promise.all(names.map((name) => add(name, join(above, "node_modules", name))));
  }
  return [...found.values()].sort((a, b) => a.folder < b.folder ? -1 : 1);
}
async function readCopy(name, path) {
  try {
    const manifest = JSON.parse(await readFile(join(path, "package.json"), "utf8"));
    return {
      name,
      version: typeof manifest.version === "string" ? manifest.version : void 0,
      folder: await realpath(path)
    };
  } catch {
    return void 0;
  }
}
async function packagesIn(nodeModules) {
  const places = [];
  for (const entry of await entries(nodeModules)) {
    if (entry.name.startsWith(".")) continue;
    const isScope = entry.name.startsWith("@");
    const inside = isScope ? await entries(join(nodeModules, entry.name)) : [entry];
    for (const each of inside) {
      const isLink = each.isSymbolicLink();
      if (!isLink && !each.isDirectory()) continue;
      const name = isScope ? `${entry.name}/${each.name}` : each.name;
      places.push({ name, path: join(nodeModules, name), isLink });
    }
  }
  return places;
}
async function entries(folder) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
function foldersAbove(folder) {
  const parent = dirname(folder);
  return parent === folder ? [] : [parent, ...foldersAbove(parent)];
}

// src/diagnosis/packages.ts
var throughlinePackages = ["core", "express", "db", "kafka"].map((name) => `@throughline/${name}`);
var examinedPackages = [
  ...throughlinePackages,
  ...Object.keys(singletons),
  ...agents
];
function describePackages(installed) {
  return examinedPackages.flatMap((name) => {
    const loaded = new Map(loadedCopies(name).map((copy) => [copy.folder, copy]));
    const onDisk = installed.filter((copy) => copy.name === name);
    const known = new Map([...onDisk, ...loaded.values()].map((copy) => [copy.folder, copy]));
    const copies = [...known.values()].map(({ folder, version }) => ({
      version,
      folder,
      isLoaded: loaded.has(folder)
    }));
    return copies.length > 0 ? [{ name, copies }] : [];
  });
}
function loadedCopies(name) {
  const copies = loadedFiles(name).map(([file]) => copyOfFile(name, file));
  return [...new Set(copies)].filter((copy) => copy !== void 0);
}
function versionFindings(packages) {
  const own = packages.filter(({ name }) => throughlinePackages.includes(name));
  const versions = new Set(own.flatMap(({ copies }) => copies.map(({ version }) => version)));
  if (versions.size < 2) return [];
  const list = own.flatMap(({ name, copies }) => copies.map(({ version }) => `${name} ${version ?? "?"}`)).join(", ");
  return [finding("OBS_VERSIONS_DIFFER", `Installed are ${list}.`)];
}

export {
  finding,
  findingOfError,
  sortedFindings,
  examineScrape,
  countSeries,
  pluginLibraries,
  channelLibraries,
  outdatedLibraries,
  examineLibraries,
  knownRanges,
  describeOptions,
  withIdentity,
  packageFolder,
  findInstalledCopies,
  examinedPackages,
  describePackages,
  loadedCopies,
  versionFindings
};
//# sourceMappingURL=chunk-LTGASLHP.js.map