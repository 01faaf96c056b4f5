import {
  initIn
} from "./chunk-AQDGJSJE.js";

// src/testing/capture.ts
import { ExportResultCode } from "@opentelemetry/core";
function captureObservability(options = {}) {
  const { env = {}, ...given } = options;
  const spans = [];
  const logLines = [];
  const waiting = /* @__PURE__ */ new Set();
  const exporter = {
    export(batch, done) {
      spans.push(...batch);
      for (const look of [...waiting]) look();
      done({ code: ExportResultCode.SUCCESS });
    },
    shutdown: async () => {
    }
  };
  const observability = initIn(
    { environment: env, servicePackage: {}, writeLine: (line) => logLines.push(JSON.parse(line)) },
    {
      ...given,
      traces: { exporter, batch: { scheduledDelayMillis: 0 }, ...given.traces },
      // Test files that run in threads of one process must not count each other's requests.
      metrics: { endpoint: false, runtime: false, cluster: false, ...given.metrics },
      logs: { level: "silly", ...given.logs, format: "json" },
      shutdown: { handleSignals: false, ...given.shutdown }
    }
  );
  return {
    observability,
    spans,
    logLines,
    metrics: async () => (await observability.metrics.render("application/openmetrics-text")).body,
    waitForSpan(matches, { timeoutMillis = 5e3 } = {}) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const span = spans.find(matches);
          if (!span) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(span);
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          const names = spans.map((span) => span.name).join(", ") || "none";
          reject(new Error(`No such span within ${timeoutMillis} ms; finished spans: ${names}`));
        }, timeoutMillis);
        waiting.add(look);
        look();
      });
    },
    reset() {
      spans.length = 0;
      logLines.length = 0;
    },
    stop: () => observability.shutdown()
  };
}

export {
  captureObservability
};
//# sourceMappingURL=chunk-VHRECPXO.js.map