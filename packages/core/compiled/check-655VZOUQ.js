import {
  countedBreaches,
  expositionBreaches,
  loadContract,
  parseExposition,
  parseHeaders,
  readText
} from "./chunk-BGE44BNR.js";
import "./chunk-HNDMX5RA.js";
import {
  commandInvalid,
  exitCodes,
  parseOptions
} from "./chunk-UC54PIWG.js";
import {
  openMetricsContentType
} from "./chunk-FHM7RHAG.js";
import "./chunk-HYO6SFH6.js";
import "./chunk-K5GWHKQH.js";
import {
  ObservabilityError
} from "./chunk-M47XFLI6.js";
import "./chunk-DGUM43GV.js";

// src/cli/check.ts
var timeoutMillis = 1e4;
var usage = `throughline check --contract <module> --metrics <source> [options]

Checks what a running service serves at /metrics against the contract of all services.

Options
  --contract <module>   file or installed package that exports a contract, as default or as \`contract\`
  --metrics <source>    URL, file, or - for stdin; text format 0.0.4 or OpenMetrics
  --header <header>     sent with the request, for example 'Authorization: Bearer \u2026'; can be repeated
  --json                the result as one JSON object
  --help

Example
  throughline check --contract ./contract.js --metrics http://localhost:9464/metrics

Exit codes
  0  the metrics meet the contract
  1  they do not; each breach is listed
  2  nothing was checked`;
var check = {
  name: "check",
  summary: "Checks the metrics of a running service against a contract.",
  usage,
  async run(args, io) {
    const { values, positionals } = parseOptions(args, {
      contract: { type: "string" },
      metrics: { type: "string" },
      header: { type: "string", multiple: true },
      json: { type: "boolean" }
    });
    if (positionals.length > 0) throw commandInvalid(`check takes no '${positionals[0]}'`);
    if (values.contract === void 0) throw commandInvalid("check needs --contract <module>");
    if (values.metrics === void 0) throw commandInvalid("check needs --metrics <source>");
    const contract = await loadContract(values.contract, io.folder);
    const headers = { accept: `${openMetricsContentType}, text/plain;q=0.5`, ...parseHeaders(values.header) };
    const metrics = parseExposition(await readText(values.metrics, io, { headers, timeoutMillis }));
    const seriesCount = metrics.reduce((sum, { samples }) => sum + samples.length, 0);
    if (seriesCount === 0) {
      throw new ObservabilityError("OBS_EXPOSITION_INVALID", `${values.metrics} has no samples.`);
    }
    const breaches = expositionBreaches(contract, metrics);
    const counted = countedBreaches(metrics);
    if (values.json) {
      const counts = { metrics: metrics.length, series: seriesCount };
      io.out(JSON.stringify({ ok: breaches.length === 0, ...counts, breaches, counted }, null, 2));
    } else {
      print(io, breaches, `${metrics.length} metrics, ${seriesCount} series`);
      printCounted(io, counted);
    }
    return breaches.length === 0 ? exitCodes.ok : exitCodes.found;
  }
};
var check_default = check;
function print(io, breaches, checked) {
  const width = Math.max(0, ...breaches.map(({ rule }) => rule.length));
  for (const { rule, message } of breaches) {
    io.out(`${io.style("red", "\u2717")} ${rule.padEnd(width)}  ${message}`);
  }
  io.out(
    breaches.length === 0 ? `${io.style("green", "\u2713")} The contract is met (${checked}).` : `${breaches.length} ${breaches.length === 1 ? "breach" : "breaches"} of the contract (${checked}).`
  );
}
function printCounted(io, counted) {
  const list = Object.entries(counted).map(([rule, count]) => `${rule} ${count}`);
  if (list.length === 0) return;
  io.out(`The service itself has counted: ${list.join(", ")}. Its log says what (OBS_CONTRACT_BREACHED).`);
}
export {
  check_default as default
};
//# sourceMappingURL=check-655VZOUQ.js.map