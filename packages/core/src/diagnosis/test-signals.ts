import { randomBytes } from 'node:crypto';
import type { Identity } from '../model/identity.js';
import { version } from '../model/version.js';

/** The trace that a diagnosis sends. Its id also identifies the test log line. */
export interface TestTrace {
  readonly traceId: string;
  readonly spanId: string;
  readonly timeUnixNano: string;
}

export function createTestTrace(): TestTrace {
  return {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    timeUnixNano: `${BigInt(Date.now()) * 1_000_000n}`,
  };
}

/** The log line that a diagnosis writes and then searches for in the backend. */
export function testLine({ traceId }: TestTrace): string {
  return `throughline doctor: test line ${traceId}`;
}

const scope = { name: '@throughline/core', version };
const isTest = [{ key: 'throughline.doctor', value: { boolValue: true } }];

/*
 * OTLP/JSON by hand: a few fields, instead of providers that exist for this alone.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */

export function testSpanRequest(identity: Identity, { traceId, spanId, timeUnixNano }: TestTrace): object {
  const span = {
    traceId,
    spanId,
    name: 'throughline doctor',
    kind: 1,
    startTimeUnixNano: timeUnixNano,
    endTimeUnixNano: `${BigInt(timeUnixNano) + 1_000_000n}`,
    attributes: isTest,
    status: {},
  };
  return { resourceSpans: [{ resource: resource(identity), scopeSpans: [{ scope, spans: [span] }] }] };
}

export function testLogRequest(identity: Identity, trace: TestTrace): object {
  const { traceId, spanId, timeUnixNano } = trace;
  const logRecord = {
    timeUnixNano,
    observedTimeUnixNano: timeUnixNano,
    severityNumber: 9,
    severityText: 'info',
    body: { stringValue: testLine(trace) },
    attributes: isTest,
    traceId,
    spanId,
  };
  return {
    resourceLogs: [{ resource: resource(identity), scopeLogs: [{ scope, logRecords: [logRecord] }] }],
  };
}

/** No points, because a series with a single sample would only clutter the backend. */
export const emptyMetricsRequest = { resourceMetrics: [{}] };

function resource({ resourceAttributes }: Identity): object {
  return {
    attributes: Object.entries(resourceAttributes).map(([key, stringValue]) => ({
      key,
      value: { stringValue },
    })),
  };
}
