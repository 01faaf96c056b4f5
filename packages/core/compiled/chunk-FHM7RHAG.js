// src/metrics/exposition.ts
var textContentType = "text/plain; version=0.0.4; charset=utf-8";
var openMetricsContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";
var aggregators = ["sum", "min", "max", "average", "first", "omit", "each"];
function negotiateFormat(accept) {
  for (const range of (accept ?? "").split(",")) {
    const [type, ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    if (type !== "application/openmetrics-text") continue;
    if (parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) continue;
    return "openmetrics";
  }
  return "text";
}
var chunkLines = 500;
function* writeMetrics(metrics, identity, format) {
  const identityText = labelText(identity, () => false);
  let lines = [];
  for (const metric of metrics) {
    for (const line of linesOf(metric, identity, identityText, format)) {
      lines.push(line);
      if (lines.length < chunkLines) continue;
      yield lines.join("");
      lines = [];
    }
  }
  if (format === "openmetrics") lines.push("# EOF\n");
  yield lines.join("");
}
function* linesOf(metric, identity, identityText, format) {
  const isOpenMetrics = format === "openmetrics";
  const isCounter = metric.type === "counter";
  const { family, type } = isOpenMetrics ? openMetricsFamily(metric) : { family: metric.name, type: metric.type === "info" ? "gauge" : metric.type };
  yield `# HELP ${family} ${escapeHelp(metric.help, isOpenMetrics)}
# TYPE ${family} ${type}
`;
  const clashes = (name) => Object.hasOwn(identity, name);
  let shared;
  let sharedText = "";
  for (const sample of metric.values) {
    const name = isOpenMetrics && isCounter ? `${family}_total` : sample.metricName ?? metric.name;
    if (sample.sharedLabels !== shared) {
      shared = sample.sharedLabels;
      sharedText = shared ? labelText(shared, clashes) : "";
    }
    const own = sample.labels ? labelText(sample.labels, clashes, isOpenMetrics) : "";
    const labels = join(join(own, sharedText), identityText);
    let line = `${name}${labels === "" ? "" : `{${labels}}`} ${numberText(sample.value)}`;
    const { exemplar } = sample;
    if (exemplar && isOpenMetrics && (isCounter || name.endsWith("_bucket"))) {
      line += ` # {${labelText({ ...exemplar.labelSet }, () => false)}} ${numberText(exemplar.value)} ${exemplar.timestamp}`;
    }
    yield `${line}
`;
  }
}
function openMetricsFamily({ name, type }) {
  switch (type) {
    case "counter":
      return { family: name.replace(/_total$/, ""), type };
    case "info":
      return { family: name.replace(/_info$/, ""), type };
    default:
      return { family: name, type };
  }
}
function join(a, b) {
  return a === "" ? b : b === "" ? a : `${a},${b}`;
}
function labelText(labels, clashes, canonicalBounds = false) {
  let text = "";
  for (const name in labels) {
    const value = labels[name];
    if (value === void 0 || value === "") continue;
    if (text !== "") text += ",";
    const shown = canonicalBounds && typeof value === "number" && (name === "le" || name === "quantile") ? canonicalFloat(value) : String(value);
    text += `${clashes(name) ? `exported_${name}` : name}="${escapeLabelValue(shown)}"`;
  }
  return text;
}
function canonicalFloat(value) {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : numberText(value);
}
function numberText(value) {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  return String(value);
}
function escapeLabelValue(value) {
  return /["\\\n]/.test(value) ? value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n") : value;
}
function escapeHelp(help, isOpenMetrics) {
  const escaped = help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return isOpenMetrics ? escaped.replaceAll('"', '\\"') : escaped;
}

export {
  textContentType,
  openMetricsContentType,
  aggregators,
  negotiateFormat,
  writeMetrics
};
//# sourceMappingURL=chunk-FHM7RHAG.js.map