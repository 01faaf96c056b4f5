// src/instruments/exemplar.ts
import { TraceFlags } from "@opentelemetry/api";
function exemplarOfSpan(span) {
  if (!span) return void 0;
  const { traceId, spanId, traceFlags } = span.spanContext();
  return (traceFlags & TraceFlags.SAMPLED) !== 0 ? { trace_id: traceId, span_id: spanId } : void 0;
}

// src/instruments/series-limit.ts
var maxLabelValueLength = 256;
var overflowLabel = "otel_metric_overflow";
var BoundedSeries = class {
  /** @param labelNames in the order of which a set is recognised */
  constructor(metric, labelNames, limits, create) {
    this.metric = metric;
    this.labelNames = labelNames;
    this.limits = limits;
    this.create = create;
  }
  metric;
  labelNames;
  limits;
  create;
  byKey = /* @__PURE__ */ new Map();
  overflow;
  /** @param labels taken over: the caller must not use the object again */
  of(labels) {
    const key = this.keyOf(labels);
    return this.byKey.get(key) ?? this.add(key, labels);
  }
  delete(labels) {
    this.shorten(labels);
    this.byKey.delete(this.keyOf(labels));
  }
  clear() {
    this.byKey.clear();
    this.overflow = void 0;
  }
  all() {
    return this.overflow === void 0 ? this.byKey.values() : [...this.byKey.values(), this.overflow];
  }
  keyOf(labels) {
    let key = "";
    for (const name of this.labelNames) key += `${labels[name] ?? ""}\0`;
    return key;
  }
  add(given, labels) {
    let key = given;
    if (this.shorten(labels)) {
      key = this.keyOf(labels);
      const known = this.byKey.get(key);
      if (known !== void 0) return known;
    }
    if (this.byKey.size >= this.limits.maxSeriesPerMetric) {
      this.limits.overflowed(this.metric);
      this.overflow ??= this.create({ [overflowLabel]: "true" });
      return this.overflow;
    }
    const series = this.create(labels);
    this.byKey.set(key, series);
    return series;
  }
  /** @returns whether any value was changed */
  shorten(labels) {
    let changed = false;
    for (const name of this.labelNames) {
      const value = labels[name];
      if (value === void 0) continue;
      const shown = shownLabelValue(value);
      if (shown === value) continue;
      labels[name] = shown;
      changed = true;
    }
    return changed;
  }
};
var loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
function shownLabelValue(value) {
  const cut = value.length > maxLabelValueLength ? `${value.slice(0, maxLabelValueLength - 1)}\u2026` : value;
  return cut.replace(loneSurrogate, "\uFFFD");
}

// src/instruments/series-metric.ts
function storedExemplar(labelSet, value) {
  return { labelSet, value, timestamp: Date.now() / 1e3 };
}
function registerMetric(registry, metric) {
  registry.registerMetric(metric);
}

// src/instruments/series-counter.ts
var SeriesCounter = class {
  name;
  help;
  labelNames;
  type = "counter";
  aggregator = "sum";
  series;
  constructor({ name, help, labelNames }, limits) {
    this.name = name;
    this.help = help;
    this.labelNames = labelNames;
    this.series = new BoundedSeries(name, labelNames, limits, (labels) => ({
      labels,
      value: 0,
      exemplar: null
    }));
    this.reset();
  }
  /**
   * @param labels taken over: the caller must not use the object again
   * @param value not negative
   */
  add(labels, value, exemplar) {
    const series = this.series.of(labels);
    series.value += value;
    if (exemplar) series.exemplar = storedExemplar(exemplar, value);
  }
  async get() {
    const { name, help, type, aggregator } = this;
    return {
      name,
      help,
      type,
      aggregator,
      values: Array.from(this.series.all(), (series) => ({ ...series }))
    };
  }
  reset() {
    this.series.clear();
    if (this.labelNames.length === 0) this.series.of({});
  }
};

// src/instruments/series-gauge.ts
var SeriesGauge = class {
  name;
  help;
  labelNames;
  type = "gauge";
  aggregator;
  series;
  collect;
  constructor({ name, help, labelNames, aggregator = "sum", collect }, limits) {
    this.name = name;
    this.help = help;
    this.labelNames = labelNames;
    this.aggregator = aggregator;
    this.collect = collect;
    this.series = new BoundedSeries(name, labelNames, limits, (labels) => ({ labels, value: 0 }));
  }
  /** @param labels taken over: the caller must not use the object again */
  set(labels, value) {
    this.series.of(labels).value = value;
  }
  /** @param labels taken over: the caller must not use the object again */
  add(labels, value) {
    this.series.of(labels).value += value;
  }
  remove(labels) {
    this.series.delete(labels);
  }
  async get() {
    await this.collect?.(this);
    const { name, help, type, aggregator } = this;
    return {
      name,
      help,
      type,
      aggregator,
      values: Array.from(this.series.all(), (series) => ({ ...series }))
    };
  }
  /** Forgets all series. */
  reset() {
    this.series.clear();
  }
};

// src/instruments/series-histogram.ts
var SeriesHistogram = class {
  name;
  help;
  labelNames;
  type = "histogram";
  aggregator = "sum";
  bounds;
  series;
  constructor({ name, help, labelNames, buckets }, limits) {
    this.name = name;
    this.help = help;
    this.labelNames = labelNames;
    this.bounds = buckets;
    this.series = new BoundedSeries(name, labelNames, limits, (labels) => ({
      labels,
      counts: new Float64Array(buckets.length + 1),
      exemplars: [],
      sum: 0,
      count: 0
    }));
  }
  /** @param labels taken over: the caller must not use the object again */
  observe(labels, value, exemplar) {
    const series = this.series.of(labels);
    const bucket = this.bucketOf(value);
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.sum += value;
    series.count++;
    if (exemplar) series.exemplars[bucket] = storedExemplar(exemplar, value);
  }
  /** As prom-client's own metrics answer: every value with all of its labels. */
  async get() {
    const snapshot = this.snapshot();
    return {
      ...snapshot,
      values: snapshot.values.map(({ sharedLabels, labels, ...value }) => ({
        ...value,
        labels: { ...labels, ...sharedLabels }
      }))
    };
  }
  /** The same with the labels of a series kept apart from those of its values; faster to write out. */
  async getForPromString() {
    return this.snapshot();
  }
  reset() {
    this.series.clear();
  }
  bucketOf(value) {
    const { bounds } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) bucket++;
    return bucket;
  }
  snapshot() {
    const { name, help, type, aggregator, bounds } = this;
    const bucketName = `${name}_bucket`;
    const values = [];
    for (const { labels: sharedLabels, counts, exemplars, sum, count } of this.series.all()) {
      let cumulative = 0;
      for (let bucket = 0; bucket <= bounds.length; bucket++) {
        cumulative += counts[bucket] ?? 0;
        values.push({
          metricName: bucketName,
          labels: { le: bounds[bucket] ?? "+Inf" },
          sharedLabels,
          value: cumulative,
          exemplar: exemplars[bucket] ?? null
        });
      }
      values.push({ metricName: `${name}_sum`, sharedLabels, value: sum });
      values.push({ metricName: `${name}_count`, sharedLabels, value: count });
    }
    return { name, help, type, aggregator, values };
  }
};

// src/instruments/instruments.ts
function createHistogram(registry, settings, description) {
  const histogram = new SeriesHistogram(description, settings);
  registerMetric(registry, histogram);
  const record = settings.exemplars ? (labels, value, exemplar) => histogram.observe(labels, value, exemplar) : (labels, value) => histogram.observe(labels, value, void 0);
  return contracted(record, settings, { ...description, type: "histogram" });
}
function createCounter(registry, settings, description) {
  const counter = new SeriesCounter(description, settings);
  registerMetric(registry, counter);
  const record = settings.exemplars ? (labels, value, exemplar) => counter.add(labels, value, exemplar) : (labels, value) => counter.add(labels, value);
  return contracted(record, settings, { ...description, type: "counter" });
}
function createGauge(registry, settings, description) {
  const gauge = new SeriesGauge(description, settings);
  registerMetric(registry, gauge);
  return gauge;
}
function contracted(record, { contract }, declared) {
  contract.declared(declared);
  const dropped = [...declared.labelNames].filter(contract.drops);
  if (dropped.length === 0) return record;
  return (labels, value, exemplar) => {
    for (const label of dropped) delete labels[label];
    record(labels, value, exemplar);
  };
}

// src/databases/database-metrics.ts
var operationBuckets = [1e-3, 5e-3, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
function createDatabaseMetrics(registry, settings) {
  const recordDuration = createHistogram(registry, settings, {
    name: "db_client_operation_duration_seconds",
    help: "Duration of database client operations.",
    labelNames: [
      "db_system_name",
      "db_operation_name",
      "db_collection_name",
      "db_namespace",
      "server_address",
      "error_type"
    ],
    buckets: operationBuckets
  });
  const pools = /* @__PURE__ */ new Set();
  const poolLabels = ["db_system_name", "db_client_connection_pool_name"];
  const labelsOf = (pool) => ({
    db_system_name: pool.system,
    db_client_connection_pool_name: pool.name
  });
  createGauge(registry, settings, {
    name: "db_client_connection_count",
    help: "Connections of the pool, by state.",
    labelNames: [...poolLabels, "db_client_connection_state"],
    collect(gauge) {
      gauge.reset();
      for (const pool of pools) {
        const { used, idle } = pool.read();
        gauge.add({ ...labelsOf(pool), db_client_connection_state: "used" }, used);
        gauge.add({ ...labelsOf(pool), db_client_connection_state: "idle" }, idle);
      }
    }
  });
  createGauge(registry, settings, {
    name: "db_client_connection_pending_requests",
    help: "Callers that wait for a connection of the pool.",
    labelNames: poolLabels,
    collect(gauge) {
      gauge.reset();
      for (const pool of pools) gauge.add(labelsOf(pool), pool.read().pending);
    }
  });
  const recordWaitTime = createHistogram(registry, settings, {
    name: "db_client_connection_wait_time_seconds",
    help: "Time that callers waited for a connection of the pool.",
    labelNames: poolLabels,
    buckets: operationBuckets
  });
  return {
    record(operation, durationSeconds, errorType, span) {
      const labels = { db_system_name: operation.system };
      if (operation.name !== void 0) labels.db_operation_name = operation.name;
      if (operation.collection !== void 0) labels.db_collection_name = operation.collection;
      if (operation.namespace !== void 0) labels.db_namespace = operation.namespace;
      if (operation.serverAddress !== void 0) labels.server_address = operation.serverAddress;
      if (errorType !== void 0) labels.error_type = errorType;
      recordDuration(labels, durationSeconds, exemplarOfSpan(span));
    },
    observePool(pool) {
      pools.add(pool);
      return {
        waited: (durationSeconds) => recordWaitTime(labelsOf(pool), durationSeconds, void 0),
        stop: () => pools.delete(pool)
      };
    }
  };
}

// src/http/http-metrics.ts
var durationBuckets = [5e-3, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
function createHttpMetrics(registry, settings) {
  const recordServer = createHistogram(registry, settings, {
    name: "http_server_request_duration_seconds",
    help: "Duration of HTTP server requests.",
    labelNames: ["http_request_method", "http_route", "http_response_status_code", "error_type"],
    buckets: durationBuckets
  });
  const recordClient = createHistogram(registry, settings, {
    name: "http_client_request_duration_seconds",
    help: "Duration of HTTP client requests.",
    labelNames: [
      "http_request_method",
      "server_address",
      "server_port",
      "http_response_status_code",
      "error_type"
    ],
    buckets: durationBuckets
  });
  const activeByMethod = {};
  createGauge(registry, settings, {
    name: "http_server_active_requests",
    help: "Number of HTTP server requests in progress.",
    labelNames: ["http_request_method"],
    collect(gauge) {
      for (const [method, active] of Object.entries(activeByMethod)) {
        gauge.set({ http_request_method: method }, active);
      }
    }
  });
  return {
    server: {
      started(method) {
        activeByMethod[method] = (activeByMethod[method] ?? 0) + 1;
      },
      ended({ method, route, statusCode, errorType, durationSeconds, span }) {
        activeByMethod[method] = (activeByMethod[method] ?? 1) - 1;
        const labels = { http_request_method: method };
        if (route !== void 0) labels.http_route = route;
        if (statusCode !== void 0) labels.http_response_status_code = String(statusCode);
        if (errorType !== void 0) labels.error_type = errorType;
        recordServer(labels, durationSeconds, exemplarOfSpan(span));
      }
    },
    client({ method, serverAddress, serverPort, statusCode, errorType, durationSeconds, span }) {
      const labels = { http_request_method: method, server_address: serverAddress };
      if (serverPort !== void 0) labels.server_port = String(serverPort);
      if (statusCode !== void 0) labels.http_response_status_code = String(statusCode);
      if (errorType !== void 0) labels.error_type = errorType;
      recordClient(labels, durationSeconds, exemplarOfSpan(span));
    }
  };
}

export {
  overflowLabel,
  exemplarOfSpan,
  registerMetric,
  SeriesCounter,
  SeriesGauge,
  SeriesHistogram,
  createHistogram,
  createCounter,
  createGauge,
  operationBuckets,
  createDatabaseMetrics,
  durationBuckets,
  createHttpMetrics
};
//# sourceMappingURL=chunk-WWVNV2PO.js.map