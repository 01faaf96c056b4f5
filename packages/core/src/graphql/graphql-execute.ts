import { ObservabilityError } from '../model/errors.js';
import { propertyOf } from '../model/foreign-error.js';
import { patchOnce } from '../patching/patch-once.js';
import type { ModulePatch } from '../plugin/modules.js';
import { observeCall, type StartExecution } from './execution.js';
import { yogaPatch } from './yoga-server.js';

interface Executor {
  execute(...args: unknown[]): unknown;
  executeSync(...args: unknown[]): unknown;
}

/** How many observed executions have begun and not returned yet, in the turn that runs. */
let executing = 0;

/**
 * Observes the execution of operations by graphql-js up to version 16, which Apollo Server, Mercurius and graphql-http use, and
 * by the executor of GraphQL Yoga. Execution begins after the operation was parsed and validated: what is not valid has no span here.
 * https://opentelemetry.io/docs/specs/semconv/graphql/graphql-spans/
 */
export function graphqlPatches(
  start: StartExecution,
  report: (error: ObservabilityError) => void,
): readonly ModulePatch[] {
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
              return patch.active ? observeCall(start, args, call) : call();
            },
        );
      }
    });
  let hasCommonJsExecutor = false;
  return [
    { name: 'graphql', file: 'execution/execute.js', supportedVersions: ['>=14.0.0 <17'], patch },
    detectionOfCopies(report),
    {
      name: '@graphql-tools/executor',
      file: 'cjs/execution/execute.js',
      supportedVersions: ['>=1.0.0 <3'],
      patch(moduleExports) {
        hasCommonJsExecutor = true;
        return patch(moduleExports);
      },
    },
    // Yoga leaves no trace in the process. A service that has it as CommonJS has that executor.
    yogaPatch(start, () => !hasCommonJsExecutor, report),
  ];
}

/** `execute` calls it through its module: where that happens outside of an observed call, `execute` was copied before. */
function detectionOfCopies(report: (error: ObservabilityError) => void): ModulePatch {
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
