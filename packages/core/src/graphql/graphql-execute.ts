import { context, type Span, SpanKind, type Tracer, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { Annotations } from '../annotations/annotations.js';
import { unitOfWorkOf } from '../annotations/unit-of-work.js';
import { ObservabilityError } from '../model/errors.js';
import { errorType, propertyOf, recordError } from '../model/foreign-error.js';
import { followCall } from '../patching/follow-promise.js';
import { patchOnce } from '../patching/patch-once.js';
import type { ModulePatch } from '../plugin/modules.js';
import type { RecordOperation } from './graphql-metrics.js';
import { type Operation, operationOf } from './operation.js';

interface Executor {
  execute(...args: unknown[]): unknown;
  executeSync(...args: unknown[]): unknown;
}

export interface GraphqlParts {
  readonly tracer: Tracer;
  readonly record: RecordOperation;
  readonly report: (error: ObservabilityError) => void;
}

/** How many observed executions have begun and not returned yet, in the turn that runs. */
let executing = 0;

/**
 * Observes the execution of operations by graphql-js, which Apollo Server, Mercurius and graphql-http use, and by the executor of
 * GraphQL Yoga. Execution begins after the operation was parsed and validated: what is not valid has no span here.
 * https://opentelemetry.io/docs/specs/semconv/graphql/graphql-spans/
 */
export function graphqlPatches({ tracer, record, report }: GraphqlParts): readonly ModulePatch[] {
  const patch = (moduleExports: unknown) =>
    patchOnce(moduleExports as object, 'graphql', (patch) => {
      for (const name of ['execute', 'executeSync'] as const) {
        // Version 14 has no `executeSync`.
        if (propertyOf(moduleExports, name) === undefined) continue;
        patch.replace(
          moduleExports as Executor,
          name,
          (execute) =>
            function observedExecute(this: unknown, ...args: unknown[]) {
              const call = () => {
                executing++;
                try {
                  return Reflect.apply(execute, this, args);
                } finally {
                  executing--;
                }
              };
              if (!patch.active || isTracingSuppressed(context.active())) return call();
              let operation: Operation;
              try {
                operation = operationOf(args);
              } catch {
                return call();
              }
              return observe(operation, call, tracer, record);
            },
        );
      }
    });
  return [
    { name: 'graphql', file: 'execution/execute.js', supportedVersions: ['>=14.0.0 <17'], patch },
    detectionOfCopies(report),
    {
      name: '@graphql-tools/executor',
      file: 'cjs/execution/execute.js',
      supportedVersions: ['>=1.0.0 <3'],
      patch,
    },
  ];
}

/** `execute` calls it through its module: where that happens outside of an observed call, `execute` was copied before. */
function detectionOfCopies(report: GraphqlParts['report']): ModulePatch {
  let isReported = false;
  return {
    name: 'graphql',
    file: 'execution/collectFields.js',
    supportedVersions: ['>=16.0.0 <17'],
    patch: (moduleExports) =>
      patchOnce(moduleExports as object, 'graphql', (patch) =>
        patch.replace(
          moduleExports as { collectFields(...args: unknown[]): unknown },
          'collectFields',
          (collectFields) =>
            function observedCollectFields(this: unknown, ...args: unknown[]) {
              if (executing === 0 && patch.active && !isReported && !isSubscription(args)) {
                isReported = true;
                report(new ObservabilityError('OBS_GRAPHQL_COPIED'));
              }
              return Reflect.apply(collectFields, this, args);
            },
        ),
      ),
  };
}

/** A subscription collects its fields once without executing anything. Each of its events is executed. */
function isSubscription([schema, , , runtimeType]: readonly unknown[]): boolean {
  const { getSubscriptionType } = schema as { getSubscriptionType?(): unknown };
  return getSubscriptionType?.call(schema) === runtimeType;
}

function observe(
  { type, name, shownName }: Operation,
  call: () => unknown,
  tracer: Tracer,
  record: RecordOperation,
): unknown {
  const startMillis = performance.now();
  const around = context.active();
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
  return followCall(
    () => context.with(trace.setSpan(around, span), call),
    (result) => {
      let failure: string | undefined;
      try {
        failure = failureOf(result, span);
      } finally {
        end(failure);
      }
    },
    (error) => {
      recordError(span, error);
      end(errorType(error));
    },
  );
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
