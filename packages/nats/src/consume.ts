import { tryStart } from '@throughline/core/plugin';
import { isInbox, isProtocol } from './destinations.js';
import type { ConsumerMessages, JetStreamMessage, Message, Protocol, Subscription } from './internals.js';
import { destinationOf, type Observation, system } from './observation.js';
import { observeCallbackOnce } from './observed-callback.js';
import { runProcess, type Source } from './process.js';
import { rememberSource } from './run-with-message.js';

/** Answers come to inboxes, and the code that waits for them has its own context. */
function isInternal({ subject, protocol }: Subscription): boolean {
  return isInbox(subject, protocol?.options?.inboxPrefix) || isProtocol(subject);
}

/** Consumers of JetStream read such messages from subscriptions, and deliver them themselves. */
const isOfJetStream = (message: Message) => message.reply?.startsWith('$JS.ACK.') === true;

const sourceOf = ({ subject, queue }: Subscription): Source => ({
  subscription: subject,
  queue: typeof queue === 'string' && queue !== '' ? queue : undefined,
});

/** `processMsg` of the protocol, which hands a message to its subscription. */
export function observeDeliveries(observation: Observation) {
  const seen = new WeakSet<object>();
  return (original: Protocol['processMsg']): Protocol['processMsg'] =>
    function processMsg(this: Protocol, message, data, ...others: []) {
      tryStart(() => {
        const subscription = observation.isActive() ? this.subscriptions.get(message.sid) : undefined;
        if (!subscription?.noIterator || isInternal(subscription)) return;
        observeCallbackOnce(subscription, seen, (callback) =>
          observedCallback(observation, sourceOf(subscription), callback),
        );
      });
      return original.call(this, message, data, ...others);
    };
}

function observedCallback(
  observation: Observation,
  source: Source,
  callback: Subscription['callback'],
): Subscription['callback'] {
  return function observed(this: unknown, error, message, ...others: []) {
    const call = () => callback.call(this, error, message, ...others);
    if (error || !observation.isActive() || tryStart(() => isOfJetStream(message)) !== false) return call();
    return runProcess(observation, message, source, call);
  };
}

/** `callback` of the class of subscriptions, which keeps a message for the iterator. */
export function observeIterated(observation: Observation) {
  return (original: Subscription['callback']): Subscription['callback'] =>
    function callback(this: unknown, error, message, ...others: []) {
      tryStart(() => {
        const subscription = this as Subscription;
        if (error || !observation.isActive() || isInternal(subscription) || isOfJetStream(message)) return;
        consumed(observation, message, sourceOf(subscription));
      });
      return original.call(this, error, message, ...others);
    };
}

/** `_push` of what a consumer of JetStream delivers, to a callback or to the iterator. */
export function observePushes(observation: Observation) {
  const seen = new WeakSet<object>();
  return (original: ConsumerMessages['_push']): ConsumerMessages['_push'] =>
    function _push(this: ConsumerMessages, item, ...others: []) {
      tryStart(() => {
        if (typeof item === 'function' || !observation.isActive() || isInner(this)) return;
        const source = { consumer: this.consumer?._info?.config?.durable_name };
        if (typeof this.callback !== 'function') {
          consumed(observation, item, source);
          return;
        }
        observeCallbackOnce(
          this,
          seen,
          (callback) =>
            function observed(this: unknown, message: JetStreamMessage) {
              const call = () => callback.call(this, message);
              return observation.isActive() ? runProcess(observation, message, source, call) : call();
            },
        );
      });
      return original.call(this, item, ...others);
    };
}

/** An ordered consumer of nats 2 has a plain one inside, with a callback that is not the service's. */
function isInner({ consumer }: ConsumerMessages): boolean {
  const { ack_policy: ackPolicy, mem_storage: inMemory } = consumer?._info?.config ?? {};
  return consumer?.ordered === undefined && ackPolicy === 'none' && inMemory === true;
}

function consumed(observation: Observation, message: Message, source: Source): void {
  const { subject } = message;
  const protocol = message.publisher ?? message.msg?.publisher;
  const destination = destinationOf(observation, { subject, ...source }, protocol);
  const consumerGroup = source.queue ?? source.consumer;
  observation.messaging.countConsumed({ system, destination, consumerGroup }, 1);
  rememberSource(message, source);
}
