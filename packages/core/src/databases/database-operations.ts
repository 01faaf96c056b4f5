import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanKind,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { callErrorType, callFailure } from '../model/call-failure.js';
import { recordError } from '../model/foreign-error.js';
import type {
  DatabaseOperation,
  DatabaseOperations,
  DatabaseOutcome,
  DatabasePoolObservation,
  StartedDatabaseOperation,
} from '../plugin/databases.js';
import type { DatabaseMetrics } from './database-metrics.js';

/** What a suppressed operation gets: nothing is recorded, everything works. */
const notRecorded: StartedDatabaseOperation = {
  span: undefined,
  run: (fn) => fn(),
  end() {},
};

/**
 * Spans and metrics of database clients by the stable semantic conventions, alike for all of them.
 * https://opentelemetry.io/docs/specs/semconv/database/database-spans/
 */
export function createDatabaseOperations(
  tracer: Tracer,
  metrics: DatabaseMetrics,
  onTearDown: (undo: () => void) => void = () => {},
): DatabaseOperations {
  // A plugin that is switched on again observes its pools again.
  const observed = new Set<DatabasePoolObservation>();
  onTearDown(() => {
    for (const observation of observed) observation.stop();
  });
  return {
    start(operation, { rootSpan = false, startMillis } = {}) {
      try {
        const parent = context.active();
        if (isTracingSuppressed(parent)) return notRecorded;
        const hasSpan = rootSpan || trace.getSpan(parent) !== undefined;
        const span = hasSpan ? startSpan(tracer, operation, parent, startMillis) : undefined;
        return new RecordedDatabaseOperation(operation, span, parent, metrics, startMillis);
      } catch {
        // A text that cannot be made must not cost the service its query.
        return notRecorded;
      }
    },
    observePool(pool) {
      const { stop, waited } = metrics.observePool(pool);
      const observation: DatabasePoolObservation = {
        waited,
        stop() {
          observed.delete(observation);
          stop();
        },
      };
      observed.add(observation);
      return observation;
    },
  };
}

class RecordedDatabaseOperation implements StartedDatabaseOperation {
  private ended = false;

  constructor(
    private readonly operation: DatabaseOperation,
    readonly span: Span | undefined,
    private readonly parent: Context,
    private readonly metrics: DatabaseMetrics,
    private readonly startMillis = performance.now(),
  ) {}

  run<T>(fn: () => T): T {
    return this.span ? context.with(trace.setSpan(this.parent, this.span), fn) : fn();
  }

  end(outcome: DatabaseOutcome = {}): void {
    if (this.ended) return;
    this.ended = true;
    const durationSeconds = (performance.now() - this.startMillis) / 1000;
    const failure = failureOf(outcome);
    const type = failure === undefined ? undefined : errorTypeOf(failure, outcome);
    const { span } = this;
    if (span) {
      if (type !== undefined) recordFailure(span, failure, outcome, type);
      if (outcome.attributes) span.setAttributes(outcome.attributes);
      span.end();
    }
    this.metrics.record(this.operation, durationSeconds, type, span);
  }
}

function startSpan(
  tracer: Tracer,
  operation: DatabaseOperation,
  parent: Context,
  startTime: number | undefined,
): Span {
  const options = { kind: SpanKind.CLIENT, attributes: spanAttributes(operation) };
  return tracer.startSpan(
    spanName(operation),
    startTime === undefined ? options : { ...options, startTime },
    parent,
  );
}

function spanAttributes(operation: DatabaseOperation): Attributes {
  const attributes: Attributes = { 'db.system.name': operation.system };
  if (operation.name !== undefined) attributes['db.operation.name'] = operation.name;
  if (operation.collection !== undefined) attributes['db.collection.name'] = operation.collection;
  if (operation.namespace !== undefined) attributes['db.namespace'] = operation.namespace;
  if (operation.summary !== undefined) attributes['db.query.summary'] = operation.summary;
  if (operation.queryText !== undefined) attributes['db.query.text'] = operation.queryText;
  if (operation.batchSize !== undefined && operation.batchSize > 1) {
    attributes['db.operation.batch.size'] = operation.batchSize;
  }
  if (operation.serverAddress !== undefined) attributes['server.address'] = operation.serverAddress;
  if (operation.serverPort !== undefined) attributes['server.port'] = operation.serverPort;
  if (operation.attributes) Object.assign(attributes, operation.attributes);
  return attributes;
}

/**
 * The summary, or operation and target, or the system: semantic conventions, "Name". The index of a Redis
 * database is a namespace, but `GET 0` would be meaningless.
 */
function spanName({
  summary,
  name,
  collection,
  namespace,
  serverAddress,
  system,
}: DatabaseOperation): string {
  if (summary !== undefined && summary !== '') return summary;
  if (name === undefined) return system;
  const target = collection ?? namespace ?? serverAddress;
  return target === undefined || isIndex(target) ? name : `${name} ${target}`;
}

function isIndex(target: string): boolean {
  const first = target.charCodeAt(0);
  return first >= 48 && first <= 57 && /^\d+$/.test(target);
}

/** Undefined for success, and for an operation that the service has cancelled. An error of the server is one in any case. */
function failureOf({ error, statusCode }: DatabaseOutcome): unknown {
  return error === undefined || statusCode !== undefined ? error : callFailure(error);
}

function errorTypeOf(failure: unknown, { statusCode }: DatabaseOutcome): string {
  return statusCode ?? callErrorType(failure);
}

function recordFailure(span: Span, failure: unknown, { statusCode }: DatabaseOutcome, type: string): void {
  if (statusCode !== undefined) span.setAttribute('db.response.status_code', statusCode);
  recordError(span, failure, type);
}
