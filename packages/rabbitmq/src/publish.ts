import { type StartedMessagingOperation, tryStart } from '@throughline/core/plugin';
import type { AmqpChannel, AmqpConfirmChannel, PublishOptions } from './internals.js';
import { copyHeaders } from './message-headers.js';
import { attributesOf, destinationOf, type Observation, system, textOrNothing } from './observation.js';
import { runInPublishersContext } from './publishers-context.js';

interface PreparedPublish {
  readonly operation: StartedMessagingOperation;
  readonly options: PublishOptions | undefined;
}

/** The `publish` of a confirm channel calls that of its base class. */
let isInside = false;

/** `publish` of both kinds of channels; `sendToQueue` calls it. What it returns and throws stays as it is. */
export function observePublish(observation: Observation) {
  const prepare = (channel: AmqpChannel, ...message: Parameters<AmqpChannel['publish']>) =>
    observation.isActive() && !isInside
      ? tryStart(() => startPublish(observation, channel, message))
      : undefined;
  return {
    publish: (original: AmqpChannel['publish']): AmqpChannel['publish'] =>
      function publish(this: AmqpChannel, exchange, routingKey, content, options, ...others) {
        const prepared = prepare(this, exchange, routingKey, content, options);
        if (!prepared) return original.call(this, exchange, routingKey, content, options, ...others);
        const { operation } = prepared;
        return endingOnError(operation, () => {
          const result = original.call(this, exchange, routingKey, content, prepared.options, ...others);
          // The broker does not answer.
          operation.end();
          return result;
        });
      },
    publishAndConfirm: (original: AmqpConfirmChannel['publish']): AmqpConfirmChannel['publish'] =>
      function publish(this: AmqpConfirmChannel, exchange, routingKey, content, options, confirm) {
        const prepared = prepare(this, exchange, routingKey, content, options);
        const outer = isInside;
        isInside = true;
        try {
          if (!prepared) return original.call(this, exchange, routingKey, content, options, confirm);
          const { operation } = prepared;
          return endingOnError(operation, () => {
            const observed = typeof confirm === 'function' ? endingOperation(operation, confirm) : confirm;
            const result = original.call(this, exchange, routingKey, content, prepared.options, observed);
            // amqplib treats messages with and without a callback differently, so none is added.
            if (typeof confirm !== 'function') operation.end();
            return result;
          });
        } finally {
          isInside = outer;
        }
      },
  };
}

function startPublish(
  observation: Observation,
  channel: AmqpChannel,
  [exchange, routingKey, content, options]: Parameters<AmqpChannel['publish']>,
): PreparedPublish | undefined {
  // amqplib refuses other types by itself.
  if (typeof exchange !== 'string' || typeof routingKey !== 'string') return undefined;
  const headers = copyHeaders(options?.headers, Date.now());
  const operation = runInPublishersContext(options, () =>
    observation.messaging.startSend({
      system,
      destination: destinationOf(observation, { exchange, routingKey }),
      count: 1,
      headers: [headers ?? {}],
      messageId: textOrNothing(options?.messageId),
      attributes: attributesOf(channel, {
        exchange,
        routingKey,
        content,
        correlationId: options?.correlationId,
      }),
    }),
  );
  return { operation, options: headers ? withHeaders(options, headers) : options };
}

/** What a class of the service's defines is found through the original. */
function withHeaders(options: PublishOptions | undefined, headers: Record<string, unknown>): PublishOptions {
  if (!options) return { headers };
  const prototype = Object.getPrototypeOf(options);
  return prototype === Object.prototype || prototype === null
    ? { ...options, headers }
    : Object.create(options, { headers: { value: headers, enumerable: true, writable: true } });
}

function endingOnError<T>(operation: StartedMessagingOperation, send: () => T): T {
  try {
    return send();
  } catch (error) {
    operation.end({ error });
    throw error;
  }
}

function endingOperation(
  operation: StartedMessagingOperation,
  confirm: NonNullable<Parameters<AmqpConfirmChannel['publish']>[4]>,
): typeof confirm {
  return function confirmed(this: unknown, error, ...others) {
    operation.end(error === null || error === undefined ? {} : { error });
    return confirm.call(this, error, ...others);
  };
}
