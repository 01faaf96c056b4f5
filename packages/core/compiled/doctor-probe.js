import {
  processState
} from "./chunk-FKH6QDU2.js";
import {
  __require
} from "./chunk-DGUM43GV.js";

// src/doctor-probe.ts
import { isMainThread } from "worker_threads";

// src/instance/start-report.ts
import { renameSync, writeFileSync } from "fs";
import { join } from "path";
var lookIntervalMillis = 100;
var quietMillis = 2500;
var settleMillis = 400;
var lateStartMillis = 4e3;
function leaveReport({ folder, waitMillis, testLine }) {
  const beganAt = performance.now();
  let isOver = false;
  let isTold = false;
  let started;
  let readyAt = Number.POSITIVE_INFINITY;
  let listeningSince = Number.POSITIVE_INFINITY;
  processState().probe = {
    started(observability) {
      started = observability;
      observability.ready.then(() => {
        readyAt = performance.now();
      });
    },
    failed(error) {
      over();
      const { code, fix, message } = error;
      leave({ kind: "failed", error: { code, fix, message: String(message ?? error) } });
    }
  };
  const timer = setInterval(look, lookIntervalMillis);
  timer.unref();
  process.once("beforeExit", () => {
    if (!isOver && started) void diagnose(started, true);
  });
  process.once("exit", (exitCode) => {
    if (!isOver) leave({ kind: "ended", exitCode, wasStarted: started !== void 0 });
  });
  function look() {
    const now = performance.now();
    if (listeningSince === Number.POSITIVE_INFINITY && isListening()) listeningSince = now;
    const isLate = now - beganAt > waitMillis;
    if (started) {
      const upSince = Math.min(listeningSince, readyAt + quietMillis);
      const isUp = now - Math.max(upSince, readyAt) > settleMillis;
      if (isUp || isLate) void diagnose(started, isUp);
    } else if (isLate || now - listeningSince > lateStartMillis) {
      if (!isTold) leave({ kind: "not started", isListening: listeningSince !== Number.POSITIVE_INFINITY });
      isTold = true;
    }
  }
  async function diagnose(observability, isUp) {
    over();
    const diagnosis = await observability.diagnose({ testLine });
    const metrics = await observability.metrics.render().catch(() => ({ body: "" }));
    leave({ kind: "diagnosed", isUp, diagnosis, metrics: metrics.body });
  }
  function over() {
    isOver = true;
    clearInterval(timer);
  }
  function leave(outcome) {
    const report = { pid: process.pid, script: process.argv[1], outcome };
    const file = join(folder, `${process.pid}.json`);
    try {
      writeFileSync(`${file}.part`, JSON.stringify(report));
      renameSync(`${file}.part`, file);
    } catch {
    }
  }
}
function isListening() {
  return process.getActiveResourcesInfo().some((name) => name === "TCPServerWrap" || name === "PipeServerWrap");
}

// src/doctor-probe.ts
delete __require.cache[__filename];
var settings = process.env.THROUGHLINE_DOCTOR;
if (settings !== void 0 && isMainThread) leaveReport(JSON.parse(settings));
//# sourceMappingURL=doctor-probe.js.map