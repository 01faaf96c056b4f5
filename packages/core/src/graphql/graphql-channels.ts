import type { AsyncLocalStorage } from 'node:async_hooks';
import { type Channel, channel } from 'node:diagnostics_channel';
import { type Context, context } from '@opentelemetry/api';
import { propertyOf } from '../model/foreign-error.js';
import type { Execution, StartExecution } from './execution.js';

/** What graphql 17 publishes of an execution. */
interface ExecutionMessage {
  readonly document: unknown;
  readonly operationName?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/**
 * Observes graphql from version 17 on through its own tracing channels, whichever way it was loaded. The channels exist
 * before the library does.
 *
 * @param storage where the context is kept, so that resolvers run in their operation; without it they run in the
 *   context around
 */
export function observeGraphqlChannels(
  start: StartExecution,
  storage: AsyncLocalStorage<Context> | undefined,
): () => void {
  const undos = [
    follow('graphql:execute', start, storage, () => true),
    // Each event of a subscription is an execution, which the channel above does not know.
    follow(
      'graphql:execute:rootSelectionSet',
      start,
      storage,
      (message) => propertyOf(message, 'operationType') === 'subscription',
    ),
  ];
  return () => {
    for (const undo of undos) undo();
  };
}

function follow(
  name: string,
  start: StartExecution,
  storage: AsyncLocalStorage<Context> | undefined,
  isObserved: (message: ExecutionMessage) => boolean,
): () => void {
  const executions = new WeakMap<object, Execution>();
  const begin = (message: unknown): Context => {
    const around = context.active();
    try {
      const execution = isObserved(message as ExecutionMessage) ? start([message]) : undefined;
      if (!execution) return around;
      executions.set(message as object, execution);
      return execution.context;
    } catch {
      // Observing must not change what the service does.
      return around;
    }
  };
  const end = (message: unknown) => {
    const execution = executions.get(message as object);
    const { error, result } = message as ExecutionMessage;
    // After the synchronous part of an execution that is asynchronous there is neither.
    if (!execution || (error === undefined && result === undefined)) return;
    executions.delete(message as object);
    try {
      if (error === undefined) execution.succeed(result);
      else execution.fail(error);
    } catch {
      // As above.
    }
  };
  const started: Channel<unknown, unknown> = channel(`tracing:${name}:start`);
  const ends = [channel(`tracing:${name}:end`), channel(`tracing:${name}:asyncEnd`)];
  if (storage) started.bindStore(storage, begin);
  else started.subscribe(begin);
  for (const each of ends) each.subscribe(end);
  return () => {
    if (storage) started.unbindStore(storage);
    else started.unsubscribe(begin);
    for (const each of ends) each.unsubscribe(end);
  };
}
