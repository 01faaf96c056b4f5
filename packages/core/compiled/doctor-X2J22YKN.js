import {
  loadConfigFile,
  loadInstalledPlugins
} from "./chunk-XJ4PNKQM.js";
import {
  captureObservability
} from "./chunk-VHRECPXO.js";
import {
  checkProtocol,
  readEnvironment,
  resolveOptions
} from "./chunk-AQDGJSJE.js";
import "./chunk-WWVNV2PO.js";
import "./chunk-FKH6QDU2.js";
import {
  countedBreaches,
  expositionBreaches,
  loadContract,
  parseExposition,
  parseHeaders,
  reasonOf
} from "./chunk-BGE44BNR.js";
import "./chunk-HNDMX5RA.js";
import {
  commandInvalid,
  exitCodes,
  parseOptions
} from "./chunk-UC54PIWG.js";
import "./chunk-FHM7RHAG.js";
import {
  countSeries,
  describeOptions,
  describePackages,
  examineLibraries,
  examinedPackages,
  findInstalledCopies,
  finding,
  findingOfError,
  outdatedLibraries,
  pluginLibraries,
  sortedFindings,
  versionFindings,
  withIdentity
} from "./chunk-LTGASLHP.js";
import {
  agents,
  contractBreached,
  emptyDiagnosis,
  singletons
} from "./chunk-OKTRVW2Y.js";
import "./chunk-5UVLWR2H.js";
import "./chunk-HYO6SFH6.js";
import {
  identityLabels,
  readServicePackage,
  resolveIdentity
} from "./chunk-K5GWHKQH.js";
import {
  ObservabilityError,
  errorCatalogue
} from "./chunk-M47XFLI6.js";
import "./chunk-DGUM43GV.js";

// src/cli/doctor/print.ts
import { basename, relative } from "path";
var marks = {
  error: ["\u2717", "red"],
  warning: ["!", "yellow"],
  info: ["i", "dim"]
};
var labelWidth = 14;
function printReport(io, report, options) {
  for (const finding2 of report.findings) printFinding(io, finding2);
  for (const [label, texts] of facts(io, report, options)) {
    const [first = "", ...more] = texts.flatMap((text) => hanging(text, io.width - labelWidth));
    io.out(`${io.style("bold", label.padEnd(labelWidth))}${first}`);
    for (const line of more) io.out(" ".repeat(labelWidth) + line);
  }
  if (report.node ?? report.scrape) io.out("");
  io.out(verdict(io, report, options.isFine));
}
function printFinding(io, { level, code, message, cause, fix, page }) {
  const [mark, style] = marks[level];
  io.out(`${io.style(style, mark)} ${io.style("bold", code)}`);
  for (const line of message.split("\n").flatMap((each) => wrapped(each, io.width - 2))) io.out(`  ${line}`);
  for (const [label, text] of [
    ["cause", cause],
    ["fix", fix],
    ["page", page]
  ]) {
    const [first = "", ...more] = wrapped(text, io.width - 9);
    io.out(`  ${io.style("dim", label.padEnd(7))}${first}`);
    for (const line of more) io.out(`         ${line}`);
  }
  io.out("");
}
function facts(io, report, options) {
  const { node, identity, plugins, backends, scrape, contract, mode } = report;
  const list = [];
  const add = (label, ...lines) => {
    if (lines.length > 0) list.push([label, lines]);
  };
  if (node) add("Node", `${node.version} on ${node.platform}`);
  if (identity && Object.keys(identity).length > 0) {
    add(
      "Identity",
      Object.entries(identity).map(([name, value]) => `${name}=${value}`).join(" ")
    );
  }
  add("Packages", ...packageLines(report, io.folder));
  if (plugins)
    add("Plugins", plugins.map(({ name, on }) => on ? name : `${name} (off)`).join(", ") || "none");
  add(mode === "folder" ? "Would record" : "Recorded", ...libraryLines(report, true));
  add("Not recorded", ...libraryLines(report, false));
  add("Sent to", ...(backends ?? []).map((backend) => backendLine(backend)));
  add("Read back", ...arrivalLines(options.arrivals));
  if (report.sent) add("Since start", ...sentLines(report.sent));
  if (scrape) {
    const answer = scrape.status === void 0 ? "no answer" : `${scrape.status}, ${scrape.series} series in ${scrape.durationMillis} ms`;
    add("Metrics", `${scrape.url}: ${answer}`);
  }
  if (contract) {
    const { length } = contract.breaches;
    add(
      "Contract",
      `mode ${contract.mode}, ${length === 0 ? "met" : `${length} ${length === 1 ? "breach" : "breaches"}`}`
    );
  }
  add("Options", ...optionLines(report, options.allOptions));
  return list;
}
function packageLines({ packages = [] }, folder) {
  return packages.flatMap(({ name, copies }) => {
    if (copies.length === 1) return [`${name} ${copies[0]?.version ?? "?"}`];
    return copies.map(
      (copy) => `${name} ${copy.version ?? "?"} in ${shownFolder(copy.folder, folder)}${copy.isLoaded ? " (loaded)" : ""}`
    );
  });
}
function shownFolder(path, folder) {
  const fromHere = relative(folder, path);
  return fromHere.length < path.length ? fromHere : path;
}
function libraryLines({ libraries = [] }, isRecorded) {
  const lines = libraries.filter((library) => library.isRecorded === isRecorded).sort((a, b) => Number(a.version === void 0) - Number(b.version === void 0)).map((library) => {
    if (!isRecorded) return `${shownName(library)} (${library.reason})`;
    return library.version === void 0 && library.by.includes(library.name) ? library.name : `${shownName(library)} by ${library.by.join(", ")}`;
  });
  return [...new Set(lines)];
}
var shownName = ({ name, version }) => version === void 0 ? name : `${name} ${version}`;
function backendLine({
  signal: signal2,
  endpoint,
  isTaken,
  status,
  durationMillis,
  clockSkewMillis
}) {
  const how = isTaken === void 0 ? "not asked" : [
    isTaken ? "taken" : "not taken",
    ...status === void 0 ? [] : [String(status)],
    `${durationMillis} ms`,
    ...clockSkewMillis === void 0 || clockSkewMillis === 0 ? [] : [`clock ${clockSkewMillis > 0 ? "+" : "-"}${Math.round(Math.abs(clockSkewMillis) / 1e3)} s`]
  ].join(", ");
  return `${signal2.padEnd(7)} ${endpoint}: ${how}`;
}
function arrivalLines({ tempoMillis, lokiMillis }) {
  return [
    ...tempoMillis === void 0 ? [] : [`the test span from Tempo after ${tempoMillis} ms`],
    ...lokiMillis === void 0 ? [] : [`the test line from Loki after ${lokiMillis} ms`]
  ];
}
function sentLines(sent) {
  return Object.entries({ spans: sent.spans, "log records": sent.logRecords }).flatMap(([what, counts]) => {
    const list = Object.entries(counts).filter(([, count]) => count > 0);
    return list.length === 0 ? [] : [`${what}: ${list.map(([result, count]) => `${count} ${result}`).join(", ")}`];
  });
}
function optionLines({ options = [] }, all) {
  const shown = options.filter(({ source }) => all || source !== "default");
  const width = Math.max(0, ...shown.map(({ name }) => name.length));
  return shown.map(({ name, value, source }) => `${name.padEnd(width)}  ${shownValue(value)}  (${source})`);
}
function shownValue(value) {
  if (value === void 0 || value === null) return "-";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}\u2026` : text;
}
function verdict(io, { findings, mode, subject, identity }, isFine) {
  const count = (level, word) => {
    const { length } = findings.filter((each) => each.level === level);
    return length === 0 ? [] : [`${length} ${word}${length === 1 ? "" : "s"}`];
  };
  const counts = [...count("error", "error"), ...count("warning", "warning"), ...count("info", "hint")].join(
    ", "
  );
  const what = identity?.service_name ?? (mode === "folder" ? basename(subject) : subject);
  const mark = isFine ? io.style("green", "\u2713") : io.style("red", "\u2717");
  if (counts !== "") return `${mark} ${what}: ${counts}.`;
  return mode === "folder" ? `${mark} ${what}: nothing is wrong with what is installed. To see whether it works: throughline doctor -- node <your service>` : `${mark} ${what}: everything works.`;
}
function hanging(text, width) {
  const [first = "", ...more] = text.length <= width ? [text] : wrapped(text, width - 2);
  return [first, ...more.map((line) => `  ${line}`)];
}
function wrapped(text, width) {
  const indent = /^ */.exec(text)?.[0] ?? "";
  const lines = [];
  let line = "";
  for (const word of text.trim().split(" ")) {
    if (line !== "" && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, indent + line];
}

// src/cli/doctor/read-back.ts
var intervalMillis = 250;
var requestMillis = 5e3;
async function readBack(report, { tempo, loki, headers, limitMillis }) {
  const { testTraceId: traceId, backends = [], mode } = report;
  const logs = backends.find(({ signal: signal2 }) => signal2 === "logs");
  const traces = backends.find(({ signal: signal2 }) => signal2 === "traces");
  const isLineUnderWay = logs ? logs.isTaken : mode === "attach";
  if (traceId === void 0) {
    const isAsked = (tempo ?? loki) !== void 0 && report.scrape !== void 0;
    return {
      arrivals: {},
      findings: isAsked ? [notLookedFor("Without a token the service sends no test data")] : []
    };
  }
  const look = async (base, seek, missing) => {
    const found = await poll((signal2) => seek(base, traceId, { headers, signal: signal2 }), limitMillis);
    if (typeof found === "number") return { millis: found };
    return {
      finding: found === void 0 ? missing(`at ${base} after ${limitMillis / 1e3} s`) : finding("OBS_QUERY_FAILED", `${base} could not be asked: ${reasonOf(found)}.`)
    };
  };
  const span = tempo === void 0 || !traces?.isTaken ? void 0 : look(
    tempo,
    seekTrace,
    (where) => finding("OBS_SPAN_NOT_FOUND", `The test span (trace ${traceId}) is not in Tempo ${where}.`)
  );
  const line = loki === void 0 || !isLineUnderWay ? void 0 : look(
    loki,
    seekLine(report.identity?.service_name ?? ""),
    (where) => finding("OBS_LINE_NOT_FOUND", `The test line (${traceId}) is not in Loki ${where}.`)
  );
  const unsent = [
    ...tempo !== void 0 && !traces ? [notLookedFor("Spans do not leave by OTLP")] : [],
    ...loki !== void 0 && !logs && !isLineUnderWay ? [notLookedFor("Log lines do not leave by OTLP")] : []
  ];
  const outcomes = await Promise.all([span, line]);
  return {
    arrivals: { tempoMillis: outcomes[0]?.millis, lokiMillis: outcomes[1]?.millis },
    findings: [...outcomes.flatMap((outcome) => outcome?.finding ?? []), ...unsent]
  };
}
function notLookedFor(because) {
  return finding("OBS_NOT_LOOKED_FOR", `${because}: there was nothing to look for.`);
}
var NoSuchApi = class extends Error {
};
var seekTrace = async (base, traceId, { headers, signal: signal2 }) => {
  const response = await fetch(`${withoutSlash(base)}/api/traces/${traceId}`, {
    headers: { ...headers, accept: "application/json" },
    signal: signal2
  });
  const text = await response.text();
  if (response.status === 404 && !/page not found/i.test(text)) return false;
  if (!response.ok) throw refusal(response, text);
  if (!/"(?:batches|resourceSpans)"/.test(text)) throw new NoSuchApi("its answer is no trace");
  return true;
};
var seekLine = (serviceName) => async (base, traceId, { headers, signal: signal2 }) => {
  const query = `{service_name=${JSON.stringify(serviceName)}} |= ${JSON.stringify(traceId)}`;
  const start2 = `${(Date.now() - 36e5) * 1e6}`;
  const parameters = new URLSearchParams({ query, start: start2, limit: "1" });
  const response = await fetch(`${withoutSlash(base)}/loki/api/v1/query_range?${parameters}`, {
    headers,
    signal: signal2
  });
  const text = await response.text();
  if (!response.ok) throw refusal(response, text);
  const { data } = JSON.parse(text);
  return (data?.result?.length ?? 0) > 0;
};
function refusal({ status }, text) {
  const message = `the answer is ${status}: ${text.trim().slice(0, 120)}`;
  return status < 500 && status !== 429 ? new NoSuchApi(message) : new Error(message);
}
var withoutSlash = (url) => url.replace(/\/+$/, "");
async function poll(isThere, limitMillis) {
  const startMillis = performance.now();
  let last;
  while (performance.now() - startMillis < limitMillis) {
    try {
      if (await isThere(AbortSignal.timeout(requestMillis)))
        return Math.round(performance.now() - startMillis);
      last = void 0;
    } catch (error) {
      if (error instanceof NoSuchApi) return error;
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMillis));
  }
  return last;
}

// src/cli/doctor/report.ts
function withFindings(report, further) {
  const findings = sortedFindings([...report.findings, ...further]);
  return { ...report, findings, ok: !findings.some(({ level }) => level === "error") };
}

// src/cli/doctor/running-service.ts
var timeoutMillis = 1e4;
var diagnosisMillis = 3e4;
async function examineRunningService(service) {
  const url = addressOf(service.address);
  const bare = { ok: true, mode: "attach", subject: url.href, findings: [] };
  const startMillis = performance.now();
  const scraped = await get(url, service.headers);
  const durationMillis = Math.round(performance.now() - startMillis);
  if (scraped instanceof Error) {
    return withFindings(bare, [
      finding("OBS_SERVICE_UNREACHABLE", `${url.href} could not be read: ${reasonOf(scraped)}.`)
    ]);
  }
  const [live, details] = await Promise.all([healthFindings(url), askDetails(url, service)]);
  const metrics = scraped.status === 200 ? scraped.body : void 0;
  const scrape = {
    url: url.href,
    status: scraped.status,
    durationMillis,
    series: countSeries(metrics ?? "")
  };
  const reachable = metrics === void 0 ? [unreadable(url, scraped.status)] : [];
  if (details.diagnosis) {
    return withFindings({ ...bare, ...details.diagnosis, metrics }, [...reachable, ...live]);
  }
  const told = metrics === void 0 ? { findings: [] } : fromMetrics(url, metrics);
  return withFindings({ ...bare, ...told, scrape, metrics }, [
    ...told.findings,
    ...reachable,
    ...live,
    ...details.findings
  ]);
}
function addressOf(text) {
  let url;
  try {
    url = new URL(/^https?:\/\//i.test(text) ? text : `http://${text}`);
  } catch {
  }
  if (!url) throw commandInvalid(`--attach takes a URL such as http://localhost:9464, not '${text}'`);
  if (url.pathname === "/") url.pathname = "/metrics";
  return url;
}
function unreadable(url, status) {
  return status === 401 ? finding("OBS_METRICS_UNREACHABLE", `${url.href} wants a token (401).`, {
    cause: "The option metrics.endpoint.token is set.",
    fix: "Give it with --header 'Authorization: Bearer \u2026'."
  }) : finding("OBS_METRICS_UNREACHABLE", `${url.href} answers ${status}.`);
}
async function askDetails(url, { token, testLine }) {
  const hidden = (message, fix) => ({
    findings: [finding("OBS_DETAILS_HIDDEN", message, fix === void 0 ? {} : { fix })]
  });
  if (token === void 0) {
    return hidden(
      "THROUGHLINE_CONTROL_TOKEN is not set: only what /metrics and the health checks tell is known."
    );
  }
  const answer = await ask(new URL("/observability/doctor", url), diagnosisMillis, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ testLine })
  });
  if (answer instanceof Error) return hidden(`The diagnosis could not be had: ${reasonOf(answer)}.`);
  if (answer.status === 200) return { diagnosis: JSON.parse(answer.body), findings: [] };
  if (answer.status === 401) {
    return hidden(
      "The service refuses the token in THROUGHLINE_CONTROL_TOKEN.",
      "Use the token that the service was started with."
    );
  }
  return hidden("The service has no token for live control, or is of an older version.");
}
function fromMetrics(url, text) {
  let metrics;
  try {
    metrics = parseExposition(text);
  } catch (error) {
    const { message } = error;
    return { findings: [finding("OBS_METRICS_UNREACHABLE", `${url.href} cannot be read: ${message}`)] };
  }
  const samples = (name) => metrics.flatMap((metric) => metric.samples.filter((each) => each.name === name));
  const info = samples("throughline_info")[0];
  if (!info) {
    return {
      findings: [
        finding(
          "OBS_NOT_STARTED",
          `${url.href} has metrics, but they are not those of a service with Throughline.`
        )
      ]
    };
  }
  const byResult = (name) => Object.fromEntries(samples(name).map(({ labels, value }) => [labels.result ?? "", value]));
  const sent = {
    spans: byResult("throughline_spans_total"),
    logRecords: byResult("throughline_log_records_total")
  };
  const { version: _version, ...identity } = info.labels;
  return { identity, sent, findings: [...sendingFindings(sent), ...violations(metrics)] };
}
function sendingFindings(sent) {
  const findings = [];
  const say = (code, message, level) => findings.push(findingOfError(new ObservabilityError(code, message), level));
  for (const [what, counts] of Object.entries({ spans: sent.spans, "log records": sent.logRecords })) {
    const { exported = 0, failed = 0, dropped = 0 } = counts;
    if (failed > 0) {
      say(
        "OBS_EXPORT_FAILED",
        `${failed} ${what} could not be sent since the start, ${exported} could.`,
        exported === 0 ? "error" : "warning"
      );
    }
    if (dropped > 0) say("OBS_EXPORT_DROPPED", `${dropped} ${what} were dropped since the start.`, "warning");
  }
  return findings;
}
function violations(metrics) {
  const list = Object.entries(countedBreaches(metrics)).map(([rule, count]) => `${rule} (${count})`);
  if (list.length === 0) return [];
  return [
    findingOfError(
      new ObservabilityError(
        "OBS_CONTRACT_BREACHED",
        `The service breaks its contract: ${list.join(", ")}.`,
        {
          fix: "Its log names each breach once; `throughline check` lists those of its metrics."
        }
      )
    )
  ];
}
async function healthFindings(url) {
  const findings = [];
  for (const path of ["/livez", "/readyz"]) {
    const answer = await get(new URL(path, url), {});
    if (answer instanceof Error || answer.status !== 503) continue;
    findings.push(finding("OBS_NOT_READY", `${path} answers 503: ${failing(answer.body)}.`));
  }
  return findings;
}
function failing(body) {
  try {
    const { status, checks = {} } = JSON.parse(body);
    const list = Object.entries(checks).filter(([, check]) => check.status === "failing").map(([name, { error }]) => `${name} (${error})`);
    return list.length > 0 ? list.join(", ") : String(status);
  } catch {
    return body.slice(0, 100);
  }
}
var get = (url, headers) => ask(url, timeoutMillis, { headers });
async function ask(url, limitMillis, request) {
  try {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(limitMillis) });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    return error;
  }
}

// src/cli/doctor/service-folder.ts
import { existsSync, readFileSync } from "fs";
import { createRequire } from "module";
import { join } from "path";
var broughtBy = {
  "@redis/client": ["redis"],
  express: ["@nestjs/platform-express"],
  mongodb: ["mongoose"]
};
async function examineFolder(folder, environment) {
  const bare = { ok: true, mode: "folder", subject: folder, findings: [] };
  if (!existsSync(join(folder, "package.json"))) {
    throw new ObservabilityError("OBS_COMMAND_INPUT", `There is no package.json in ${folder}.`, {
      fix: "Run the command in the folder of the service."
    });
  }
  const libraryNames = [...Object.keys(pluginLibraries), ...Object.keys(outdatedLibraries)];
  const installed = await findInstalledCopies([...examinedPackages, ...libraryNames], folder);
  const isInstalled = (name) => installed.some((copy) => copy.name === name);
  if (!isInstalled("@throughline/core") && !isResolved("@throughline/core", folder)) {
    return withFindings(bare, [
      finding("OBS_NOT_INSTALLED", `${folder} has no @throughline/core in its node_modules.`)
    ]);
  }
  const configFile = loadConfigFile(folder);
  const loaded = configFile?.options.plugins ? { plugins: configFile.options.plugins, problems: [] } : loadInstalledPlugins(folder);
  const { options, sources, warnings } = resolveOptions({}, environment, configFile?.options);
  const servicePackage = readServicePackage(join(folder, "package.json"));
  const identity = resolveIdentity(options, environment, servicePackage);
  const packages = describePackages(installed);
  const plugins = await askPlugins(loaded.plugins);
  const uses = directLibraries(folder);
  const libraries = examineLibraries({
    asked: plugins.flatMap(
      ({ name, records }) => records.map((record) => ({
        owner: name,
        name: record.name,
        supportedVersions: new Set(record.versions),
        folders: /* @__PURE__ */ new Set(),
        given: false
      }))
    ),
    listeners: /* @__PURE__ */ new Set(),
    plugins,
    copiesOf: (name) => installed.filter((copy) => copy.name === name && uses(copy)),
    isInstalled,
    arePluginsListed: configFile?.options.plugins !== void 0,
    stage: "installed"
  });
  const { node, throughline } = emptyDiagnosis("not started", []);
  return withFindings(
    {
      ...bare,
      throughline,
      node,
      identity: identityLabels(identity),
      plugins,
      packages,
      libraries: libraries.libraries,
      options: withIdentity(describeOptions({ options, sources }), identity, servicePackage, environment)
    },
    [
      ...(configFile?.problem ? [configFile.problem] : []).map((problem) => findingOfError(problem)),
      ...[...loaded.problems, ...warnings, ...checkProtocol(environment)].map(
        (problem) => findingOfError(problem)
      ),
      ...libraries.findings,
      ...versionFindings(packages),
      ...copyFindings(packages)
    ]
  );
}
function isResolved(name, folder) {
  try {
    createRequire(join(folder, "package.json")).resolve(`${name}/package.json`);
    return true;
  } catch {
    return false;
  }
}
async function askPlugins(plugins) {
  const captured = captureObservability({ plugins: [...plugins], logs: { crashes: false, correlate: [] } });
  try {
    return (await captured.observability.diagnose({ contact: false })).plugins;
  } finally {
    await captured.stop();
  }
}
function directLibraries(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const named = new Set(Object.keys({ ...manifest.optionalDependencies, ...manifest.dependencies }));
  return ({ name }) => [name, ...broughtBy[name] ?? []].some((each) => named.has(each));
}
function copyFindings(packages) {
  return packages.flatMap(({ name, copies }) => {
    const consequence = singletons[name];
    if (consequence !== void 0 && copies.length > 1) {
      const places = copies.map(({ folder, version }) => `${version ?? "?"} in ${folder}`).join("; ");
      const error2 = new ObservabilityError(
        "OBS_DUPLICATE_PACKAGE",
        `Installed are ${copies.length} copies of ${name} (${places}). If the service loads both, ${consequence}.`
      );
      return [findingOfError(error2, "warning")];
    }
    if (!agents.includes(name)) return [];
    const error = new ObservabilityError(
      "OBS_OTHER_AGENT",
      `${name} is installed as well. If the service starts it, requests are traced twice.`
    );
    return [findingOfError(error, "info")];
  });
}

// src/cli/doctor/started-service.ts
import { spawn } from "child_process";
import { rmSync } from "fs";
import { mkdtemp, readdir, readFile, rm } from "fs/promises";
import { tmpdir } from "os";
import { join as join2 } from "path";
import { fileURLToPath } from "url";
var isWindows = process.platform === "win32";
var lookIntervalMillis = 100;
var diagnosisMillis2 = 2e4;
var stopMillis = 5e3;
var shownLines = 15;
async function examineStartedService(service) {
  const reports = await mkdtemp(join2(tmpdir(), "throughline-doctor-"));
  const started = start(service, reports);
  const killOnExit = () => {
    signal(started.child, "SIGKILL");
    rmSync(reports, { recursive: true, force: true });
  };
  process.once("exit", killOnExit);
  const interrupted = () => {
    process.exitCode = 130;
    process.exit();
  };
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    const found = await firstAnswer(started, reports, service.waitMillis);
    const end = started.end();
    await stop(started);
    return reportOf(service, found, { end, lines: started.lines });
  } finally {
    process.off("exit", killOnExit).off("SIGINT", interrupted).off("SIGTERM", interrupted);
    await rm(reports, { recursive: true, force: true });
  }
}
function start({ command, folder, environment, waitMillis, testLine }, reports) {
  const [program = "", ...args] = command;
  const settings = { folder: reports, waitMillis, testLine };
  const probe = fileURLToPath(new URL("./doctor-probe.cjs", import.meta.url));
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: what `npm start` starts ends with it.
    detached: !isWindows,
    // npm, npx and their like are scripts there.
    shell: isWindows,
    env: {
      ...environment,
      NODE_OPTIONS: `${environment.NODE_OPTIONS ?? ""} --require ${JSON.stringify(probe)}`.trim(),
      THROUGHLINE_DOCTOR: JSON.stringify(settings)
    }
  });
  const lines = [];
  const keep = (chunk) => {
    lines.push(...chunk.split("\n").filter((line) => line.trim() !== ""));
    lines.splice(0, lines.length - shownLines);
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  let end;
  const ended = new Promise((resolve) => {
    child.once("error", (error) => {
      end = { error, reason: error.message, failed: true };
      resolve();
    });
    child.once("close", (code, signalName) => {
      end ??= { reason: signalName ?? `exit code ${code}`, failed: code !== 0 };
      resolve();
    });
  });
  return { child, lines, ended, end: () => end };
}
async function firstAnswer(started, reports, waitMillis) {
  const deadline = performance.now() + waitMillis + diagnosisMillis2;
  const listeningDeadline = performance.now() + waitMillis;
  for (; ; ) {
    const found = await readReports(reports);
    const isAnswered = found.some(({ outcome }) => outcome.kind === "diagnosed" || outcome.kind === "failed");
    if (isAnswered || started.end() || performance.now() > deadline) return readReports(reports);
    const isElsewhere = found.some(({ outcome }) => outcome.kind === "not started");
    const isHopeless = found.some(({ outcome }) => outcome.kind === "not started" && outcome.isListening);
    if (isHopeless || isElsewhere && performance.now() > listeningDeadline + 1e3) return found;
    await Promise.race([started.ended, new Promise((resolve) => setTimeout(resolve, lookIntervalMillis))]);
  }
}
async function readReports(folder) {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  return Promise.all(files.map(async (name) => JSON.parse(await readFile(join2(folder, name), "utf8"))));
}
async function stop({ child, ended, end }) {
  if (end()) return;
  signal(child, "SIGTERM");
  const timer = setTimeout(() => signal(child, "SIGKILL"), stopMillis);
  await ended;
  clearTimeout(timer);
}
function signal(child, name) {
  if (child.pid === void 0 || child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (isWindows) child.kill(name);
    else process.kill(-child.pid, name);
  } catch {
  }
}
function reportOf(service, found, ending) {
  const subject = service.command.join(" ");
  const bare = { ok: true, mode: "command", subject, findings: [] };
  const diagnosed = found.flatMap(({ outcome }) => outcome.kind === "diagnosed" ? [outcome] : []);
  const failures = found.flatMap(
    ({ outcome }) => outcome.kind === "failed" ? [failureFinding(outcome.error)] : []
  );
  const [first] = diagnosed;
  if (first) {
    const { diagnosis, isUp, metrics } = first;
    const late = isUp ? [] : [finding("OBS_SERVICE_LATE", `The service was not up after ${service.waitMillis / 1e3} s.`)];
    return withFindings({ ...bare, ...diagnosis, metrics }, [
      ...diagnosed.slice(1).flatMap(({ diagnosis: further }) => further.findings),
      ...failures,
      ...late
    ]);
  }
  if (failures.length > 0) return withFindings(bare, failures);
  return withFindings(bare, [unstarted(service, found, ending)]);
}
function unstarted(service, found, ending) {
  const { end, lines } = ending;
  if (end?.error?.code === "ENOENT") {
    throw new ObservabilityError(
      "OBS_COMMAND_INPUT",
      `'${service.command[0]}' could not be started: there is no such program.`
    );
  }
  const wasStarted = found.some(({ outcome }) => outcome.kind === "ended" && outcome.wasStarted);
  if (end && (end.failed || wasStarted)) {
    const last = lines.map((line) => `  ${line.slice(0, 300)}`).join("\n");
    return finding(
      "OBS_SERVICE_ENDED",
      `The service ended (${end.reason}) before it was up.${last === "" ? "" : ` Its last lines:
${last}`}`
    );
  }
  const script = found.find(({ outcome }) => outcome.kind === "not started" && outcome.isListening)?.script;
  return finding(
    "OBS_NOT_STARTED",
    `${script ?? `\`${service.command.join(" ")}\``} did not start Throughline: nothing is recorded.`,
    found.length > 0 ? {} : {
      cause: "No Node process was seen: the command starts none, or does not hand on NODE_OPTIONS.",
      fix: "Give the command that starts Node itself: `throughline doctor -- node server.js`."
    }
  );
}
function failureFinding({ code, message, fix }) {
  const isKnown = typeof code === "string" && Object.hasOwn(errorCatalogue, code);
  return isKnown ? findingOfError({ code, message, fix: String(fix ?? "") }, "error") : finding("OBS_NOT_STARTED", `initObservability failed: ${message}`);
}

// src/cli/doctor.ts
var defaultWaitSeconds = 30;
var defaultLimitSeconds = 30;
var usage = `throughline doctor [options] [-- <command>]

Finds out whether telemetry works, and says what to do where it does not.

  throughline doctor -- node server.js              starts the service, examines it, and stops it
  throughline doctor --attach http://localhost:9464 examines a running one; with its THROUGHLINE_CONTROL_TOKEN
                                                    in the environment as thoroughly as one that it starts
  throughline doctor                                looks at the folder only: what is installed, what is set

A service that is examined sends one test span, and one log record where it sends logs, to its backend.

Options
  --attach <url>        the metrics server of a running service
  --wait <seconds>      how long the service may take to be up; default: ${defaultWaitSeconds}
  --tempo <url>         looks for the test span in Tempo
  --loki <url>          writes a test line, and looks for it in Loki
  --limit <seconds>     how long to look there; default: ${defaultLimitSeconds}
  --query-header <h>    sent to Tempo and Loki, for example 'X-Scope-OrgID: shop'; can be repeated
  --contract <module>   checks identity and metrics against this contract too
  --header <header>     sent to the metrics of --attach, for example 'Authorization: Bearer \u2026'; can be repeated
  --options             shows all options, not only those that are set
  --strict              warnings count as errors
  --json                the result as one JSON object
  --help

Exit codes
  0  nothing is wrong
  1  something is wrong; each finding has a code, a cause, a fix and a page
  2  called wrongly, or there was nothing to examine`;
var doctor = {
  name: "doctor",
  summary: "Finds out whether telemetry works, and what to do where it does not.",
  usage,
  async run(args, io) {
    const end = args.indexOf("--");
    const command = end < 0 ? void 0 : args.slice(end + 1);
    const { values, positionals } = parseOptions(end < 0 ? args : args.slice(0, end), {
      attach: { type: "string" },
      wait: { type: "string" },
      tempo: { type: "string" },
      loki: { type: "string" },
      limit: { type: "string" },
      "query-header": { type: "string", multiple: true },
      contract: { type: "string" },
      header: { type: "string", multiple: true },
      options: { type: "boolean" },
      strict: { type: "boolean" },
      json: { type: "boolean" }
    });
    if (positionals.length > 0) {
      throw commandInvalid(
        `doctor takes the command of the service behind --: throughline doctor -- ${positionals.join(" ")}`
      );
    }
    if (command?.length === 0) throw commandInvalid("There is no command behind --");
    if (command && values.attach !== void 0) {
      throw commandInvalid("doctor takes --attach or a command behind --, not both");
    }
    const isFolder = command === void 0 && values.attach === void 0;
    for (const name of ["contract", "tempo", "loki", "wait"]) {
      if (isFolder && values[name] !== void 0) {
        throw commandInvalid(`--${name} needs a service: --attach <url>, or a command behind --`);
      }
    }
    const waitMillis = secondsOf("--wait", values.wait, defaultWaitSeconds) * 1e3;
    const limitMillis = secondsOf("--limit", values.limit, defaultLimitSeconds) * 1e3;
    const headers = parseHeaders(values.header);
    const queryHeaders = parseHeaders(values["query-header"], "--query-header");
    const tempo = urlOf("--tempo", values.tempo);
    const loki = urlOf("--loki", values.loki);
    const contract = values.contract === void 0 ? void 0 : await loadContract(values.contract, io.folder);
    const environment = readEnvironment();
    const testLine = loki !== void 0;
    let report;
    if (command) {
      if (!values.json) io.problem(io.style("dim", `Starting ${command.join(" ")} \u2026`));
      report = await examineStartedService({
        ...{ command, folder: io.folder, environment, waitMillis, testLine }
      });
    } else if (values.attach !== void 0) {
      const token = environment.THROUGHLINE_CONTROL_TOKEN || void 0;
      report = await examineRunningService({ address: values.attach, headers, token, testLine });
    } else {
      report = await examineFolder(io.folder, environment);
    }
    if (contract && report.metrics !== void 0) {
      const breaches = expositionBreaches(contract, parseExposition(report.metrics));
      report = withFindings(report, breaches.length > 0 ? [findingOfError(contractBreached(breaches))] : []);
    }
    const { arrivals, findings } = await readBack(report, {
      ...{ tempo, loki, headers: queryHeaders, limitMillis }
    });
    report = withFindings(report, findings);
    const isFine = values.strict ? !report.findings.some(isWorseThanInfo) : report.ok;
    if (values.json) {
      const { metrics: _metrics, ...shown } = report;
      io.out(JSON.stringify({ ...shown, ok: isFine, arrivals }, null, 2));
    } else {
      printReport(io, report, { arrivals, allOptions: values.options === true, isFine });
    }
    return isFine ? exitCodes.ok : exitCodes.found;
  }
};
var doctor_default = doctor;
var isWorseThanInfo = ({ level }) => level !== "info";
function secondsOf(flag, text, otherwise) {
  if (text === void 0) return otherwise;
  const seconds = Number(text);
  if (text.trim() === "" || !(seconds > 0 && seconds <= 3600)) {
    throw commandInvalid(`${flag} takes seconds, above 0 and at most 3600`);
  }
  return seconds;
}
function urlOf(flag, text) {
  if (text === void 0) return void 0;
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw commandInvalid(`${flag} takes an http:// or https:// URL, not '${text}'`);
  }
  return text;
}
export {
  doctor_default as default
};
//# sourceMappingURL=doctor-X2J22YKN.js.map