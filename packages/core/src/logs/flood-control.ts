import { type Context, trace } from '@opentelemetry/api';
import { errorMessage, isError } from '../model/foreign-error.js';
import { isErrorLevel, type LogLevel } from '../model/log-level.js';
import { copyOf } from '../model/text-copy.js';
import type { LineGate } from './line-gate.js';
import { callContext, canonicalLineMark, type LogInfo, type LogRecord } from './log-record.js';

export interface FloodLimits {
  readonly maxRepeats: number | undefined;
  readonly maxLinesPerSecond: Readonly<Partial<Record<LogLevel, number>>> | undefined;
  readonly intervalSeconds: number;
}

/** Lines that were dropped in one interval, by their message with numbers and ids as `#`. */
export interface DroppedLines {
  readonly total: number;
  readonly messages: readonly { readonly level: string; readonly message: string; readonly count: number }[];
}

export interface FloodControl extends LineGate {
  /** From now on no line of this trace is dropped, and those that were held back are written. */
  traceFailed(traceId: string): void;
  stop(): void;
}

const maxTemplates = 2_000;
const maxFailedTraces = 10_000;
/** Lines that wait for their trace to turn out an error: in all, and of one trace. */
const maxHeld = 5_000;
const maxHeldOfTrace = 200;
const holdMillis = 60_000;
const maxSaid = 10;

interface Template {
  readonly level: string;
  readonly message: string;
  written: number;
  dropped: number;
}
interface HeldTrace {
  readonly sinceMillis: number;
  readonly lines: { readonly record: LogRecord; readonly template: Template }[];
}

/**
 * Keeps repeated lines and bursts from flooding the log. A line over a limit is dropped, unless its trace has an
 * error; if that is not known yet, it is held for a minute, and written if the trace turns out to have one.
 */
export function createFloodControl(
  limits: FloodLimits,
  deliver: (record: LogRecord) => void,
  say: (dropped: DroppedLines) => void,
  count: (dropped: number) => void,
): FloodControl {
  const intervalMillis = limits.intervalSeconds * 1000;
  const buckets = new Map<string, { tokens: number; atMillis: number }>();
  const failed = new Set<string>();
  const held = new Map<string, HeldTrace>();
  let templates = new Map<string, Template>();
  let heldCount = 0;
  let intervalEndMillis = performance.now() + intervalMillis;
  let timer: NodeJS.Timeout | undefined;

  function templateOf(info: LogInfo): Template {
    const level = String(info.level);
    const message = messageTemplate(info.message);
    const key = `${level} ${message}`;
    let template = templates.get(key);
    if (!template) {
      template = { level, message: copyOf(message), written: 0, dropped: 0 };
      // Beyond that every message is another one: not what this limit is for.
      if (templates.size < maxTemplates) templates.set(copyOf(key), template);
    }
    return template;
  }

  function isOverRate(level: string): boolean {
    const perSecond = limits.maxLinesPerSecond?.[level as LogLevel];
    if (perSecond === undefined) return false;
    const now = performance.now();
    const bucket = buckets.get(level) ?? { tokens: perSecond, atMillis: now };
    bucket.tokens = Math.min(perSecond, bucket.tokens + ((now - bucket.atMillis) / 1000) * perSecond);
    bucket.atMillis = now;
    buckets.set(level, bucket);
    if (bucket.tokens < 1) return true;
    bucket.tokens--;
    return false;
  }

  function drop(template: Template, lines = 1): void {
    template.dropped += lines;
    count(lines);
    arm();
  }

  function hold(traceId: string, record: LogRecord, template: Template): void {
    let ofTrace = held.get(traceId);
    if (!ofTrace) {
      ofTrace = { sinceMillis: performance.now(), lines: [] };
      held.set(traceId, ofTrace);
    }
    ofTrace.lines.push({ record, template });
    heldCount++;
    if (ofTrace.lines.length > maxHeldOfTrace) {
      const [oldest] = ofTrace.lines.splice(0, 1);
      heldCount--;
      if (oldest) drop(oldest.template);
    }
    if (heldCount > maxHeld) {
      const [oldestTrace] = held.keys();
      if (oldestTrace !== undefined) release(oldestTrace);
    }
    arm();
  }

  /** Gives up on the held lines of a trace. */
  function release(traceId: string): void {
    const ofTrace = held.get(traceId);
    if (!ofTrace) return;
    held.delete(traceId);
    heldCount -= ofTrace.lines.length;
    for (const { template } of ofTrace.lines) drop(template);
  }

  function traceFailed(traceId: string): void {
    failed.add(traceId);
    if (failed.size > maxFailedTraces) {
      const [oldest] = failed;
      if (oldest !== undefined) failed.delete(oldest);
    }
    const ofTrace = held.get(traceId);
    if (!ofTrace) return;
    held.delete(traceId);
    heldCount -= ofTrace.lines.length;
    for (const { record } of ofTrace.lines) deliver(record);
  }

  function endInterval(): void {
    const now = performance.now();
    for (const [traceId, { sinceMillis }] of held) {
      if (now - sinceMillis >= holdMillis) release(traceId);
    }
    const dropped = [...templates.values()].filter((template) => template.dropped > 0);
    templates = new Map();
    // What is still held counts when it is given up, in the interval of that time.
    for (const { lines } of held.values()) {
      for (const { template } of lines) templates.set(`${template.level} ${template.message}`, template);
    }
    for (const template of templates.values()) template.written = 0;
    if (dropped.length > 0) {
      say({
        total: dropped.reduce((sum, template) => sum + template.dropped, 0),
        messages: dropped
          .sort((a, b) => b.dropped - a.dropped)
          .slice(0, maxSaid)
          .map(({ level, message, dropped }) => ({ level, message, count: dropped })),
      });
      for (const template of dropped) template.dropped = 0;
    }
    intervalEndMillis = now + intervalMillis;
    clearTimeout(timer);
    timer = undefined;
    if (held.size > 0) arm();
  }

  /** The timer runs only while there is something to say. */
  function arm(): void {
    if (timer) return;
    timer = setTimeout(endInterval, Math.max(1, intervalEndMillis - performance.now()));
    timer.unref();
  }

  return {
    admit(info, settle) {
      // It is the summary of what is dropped.
      if (info[canonicalLineMark] === true) return true;
      if (performance.now() >= intervalEndMillis) endInterval();
      const traceId =
        info[callContext] === undefined
          ? undefined
          : trace.getSpanContext(info[callContext] as Context)?.traceId;
      if (traceId !== undefined && isErrorLevel(String(info.level))) traceFailed(traceId);
      const template = templateOf(info);
      const isRepeat = limits.maxRepeats !== undefined && template.written >= limits.maxRepeats;
      if ((!isRepeat && !isOverRate(template.level)) || (traceId !== undefined && failed.has(traceId))) {
        template.written++;
        return true;
      }
      if (traceId === undefined) drop(template);
      else hold(traceId, settle(info), template);
      return false;
    },
    traceFailed,
    stop() {
      for (const traceId of [...held.keys()]) release(traceId);
      endInterval();
      clearTimeout(timer);
    },
  };
}

/** The message with what differs from line to line as `#`: numbers, ids, hashes. */
export function messageTemplate(message: unknown): string {
  const text = typeof message === 'string' ? message : isError(message) ? (errorMessage(message) ?? '') : '';
  return text
    .slice(0, 200)
    .replace(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|\b(?=[0-9a-f]*\d)[0-9a-f]{8,64}\b|\d+/gi, '#');
}
