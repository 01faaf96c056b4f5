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
 */
export function observeGraphqlChannels(start: StartExecution): () => void {
  const undos = [
    follow('graphql:execute', start, () => true),
    // Each event of a subscription is an execution, which the channel above does not know.
    follow(
      'graphql:execute:rootSelectionSet',
      start,
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
  isObserved: (message: ExecutionMessage) => boolean,
): () => void {
  const executions = new WeakMap<object, Execution>();
  const begin = (message: ExecutionMessage): Context | undefined => {
    try {
      const execution = isObserved(message) ? start([message]) : undefined;
      if (execution) executions.set(message, execution);
      return execution?.context;
    } catch {
      // Observing must not change what the service does.
      return undefined;
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
  const started = channel(`tracing:${name}:start`) as Channel<Context | undefined, ExecutionMessage>;
  started.bindStore(contextStore as never, begin as never);
  const ends = [channel(`tracing:${name}:end`), channel(`tracing:${name}:asyncEnd`)];
  for (const each of ends) each.subscribe(end);
  return () => {
    started.unbindStore(contextStore as never);
    for (const each of ends) each.unsubscribe(end);
  };
}

/** Channels run what they trace in stores. This one is the context of OpenTelemetry, whoever manages it. */
const contextStore = {
  run: (value: Context | undefined, next: () => unknown) => (value ? context.with(value, next) : next()),
};
