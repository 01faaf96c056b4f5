import {
  type Context,
  context,
  createContextKey,
  type Span,
  SpanKind,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { Annotations } from '../annotations/annotations.js';
import { unitOfWorkOf } from '../annotations/unit-of-work.js';
import { errorType, propertyOf, recordError } from '../model/foreign-error.js';
import { followCall } from '../patching/follow-promise.js';
import type { RecordOperation } from './graphql-metrics.js';
import { type Operation, operationOf } from './operation.js';

/** An execution that has begun. */
export interface Execution {
  /** In which it is to run. */
  readonly context: Context;
  succeed(result: unknown): void;
  fail(error: unknown): void;
}

/**
 * Begins to observe an execution.
 *
 * @param args as `execute` gets them
 * @returns undefined if the execution is not to be observed, or is observed already
 */
export type StartExecution = (args: readonly unknown[]) => Execution | undefined;

/** The document of the execution around: a server and its executor may both be observed. */
const documentKey = createContextKey('throughline graphql document');

export function createStartExecution(tracer: Tracer, record: RecordOperation): StartExecution {
  return (args) => {
    const around = context.active();
    if (isTracingSuppressed(around)) return undefined;
    let operation: Operation;
    try {
      operation = operationOf(args);
    } catch {
      return undefined;
    }
    if (around.getValue(documentKey) === operation.document) return undefined;
    return startExecution(operation, around, tracer, record);
  };
}

/** Observes an execution that is one call. */
export function observeCall(start: StartExecution, args: readonly unknown[], call: () => unknown): unknown {
  const execution = start(args);
  if (!execution) return call();
  return followCall(() => context.with(execution.context, call), execution.succeed, execution.fail);
}

function startExecution(
  { type, name, shownName, document }: Operation,
  around: Context,
  tracer: Tracer,
  record: RecordOperation,
): Execution {
  const startMillis = performance.now();
  const span = tracer.startSpan(
    shownName === undefined ? type : `${type} ${shownName}`,
    {
      kind: SpanKind.INTERNAL,
      attributes: {
        'graphql.operation.type': type,
        ...(name === undefined ? {} : { 'graphql.operation.name': name }),
      },
    },
    around,
  );
  const work = unitOfWorkOf(around);
  if (work) {
    work.annotations ??= new Annotations();
    for (const [key, value] of [
      ['graphql.operation.type', type],
      ['graphql.operation.name', name],
    ] as const) {
      if (value === undefined) continue;
      work.span.setAttribute(key, value);
      work.annotations.set(key, value);
    }
  }
  const end = (failure: string | undefined) => {
    span.end();
    record((performance.now() - startMillis) / 1000, span, type, shownName, failure);
  };
  return {
    context: trace.setSpan(around, span).setValue(documentKey, document),
    succeed(result) {
      let failure: string | undefined;
      try {
        failure = failureOf(result, span);
      } finally {
        end(failure);
      }
    },
    fail(error) {
      recordError(span, error);
      end(errorType(error));
    },
  };
}

/** The first error of a result: its code if the service gave one, otherwise the class of what a resolver threw. */
function failureOf(result: unknown, span: Span): string | undefined {
  const errors = propertyOf(result, 'errors');
  if (!Array.isArray(errors) || errors.length === 0) return undefined;
  const [error] = errors as unknown[];
  const code = propertyOf(propertyOf(error, 'extensions'), 'code');
  const original = propertyOf(error, 'originalError');
  const type =
    typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : errorType(original ?? error);
  recordError(span, original ?? error, type);
  return type;
}
