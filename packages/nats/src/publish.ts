import { followPromise, type StartedMessagingOperation, tryStart } from '@throughline/core/plugin';
import { isProtocol } from './destinations.js';
import type { Connection, JetStreamClient, Payload, Protocol, PublishOptions } from './internals.js';
import { firstValue, type SentHeaders, sentHeaders, withAddedHeaders } from './message-headers.js';
import { attributesOf, destinationOf, type Observation, sizeOf, system } from './observation.js';

interface Send {
  readonly subject: string;
  readonly operation: StartedMessagingOperation;
  readonly headers: SentHeaders;
}

/** A request that is being sent: its message is recorded already, and takes these headers along. */
let requested: Send | undefined;

/** Whether the message that a connection publishes has come to the protocol. */
let hasReached = false;

/** A publish of JetStream that runs: it fails too if the server's answer is an error. */
let awaitingAnswer: { send?: Send } | undefined;

function startSend(
  observation: Observation,
  protocol: Protocol | undefined,
  subject: unknown,
  payload: Payload,
  options: PublishOptions | undefined,
): Send | undefined {
  if (!observation.isActive() || typeof subject !== 'string' || isProtocol(subject)) return undefined;
  return tryStart(() => {
    const headers = sentHeaders(options, Date.now());
    const operation = observation.messaging.startSend({
      system,
      destination: destinationOf(observation, { subject }, protocol),
      count: 1,
      headers: [headers.record],
      messageId: firstValue(headers.record, 'nats-msg-id'),
      attributes: attributesOf(protocol, { subject }, payload),
    });
    return { subject, operation, headers };
  });
}

/** `publish` of the protocol, through which all messages go: published ones, requests and answers. */
export function observeProtocolPublish(observation: Observation) {
  return (original: Protocol['publish']): Protocol['publish'] =>
    function publish(this: Protocol, subject, payload, options, ...others: []) {
      hasReached = true;
      const ofRequest = requested?.subject === subject ? requested : undefined;
      if (ofRequest) requested = undefined;
      const send = ofRequest ?? startSend(observation, this, subject, payload, options);
      if (!send) return original.call(this, subject, payload, options, ...others);
      const added = tryStart(() => withTrace(this, send, payload, options)) ?? options;
      try {
        original.call(this, subject, payload, added, ...others);
        // The server does not answer.
        if (!ofRequest) send.operation.end();
      } catch (error) {
        send.operation.end({ error });
        throw error;
      }
    };
}

function withTrace(
  protocol: Protocol,
  { operation, headers }: Send,
  payload: Payload,
  options: PublishOptions | undefined,
): PublishOptions | undefined {
  const { info } = protocol;
  // A server without headers refuses the message; with tracing suppressed, nothing is added.
  if (info?.headers !== true || operation.span === undefined) return options;
  const maxBytes = info.max_payload ?? 0;
  return withAddedHeaders(options, headers, maxBytes - (sizeOf(payload) ?? maxBytes));
}

/** `publish` of a connection: what it refuses itself does not come to the protocol. */
export function observePublish(observation: Observation) {
  return (original: Connection['publish']): Connection['publish'] =>
    function publish(this: Connection, subject, payload, options, ...others: []) {
      const outer = hasReached;
      hasReached = false;
      try {
        return original.call(this, subject, payload, options, ...others);
      } catch (error) {
        if (!hasReached) {
          tryStart(() => {
            const refused = String(subject ?? '');
            startSend(observation, this.protocol, refused, payload, options)?.operation.end({ error });
          });
        }
        throw error;
      } finally {
        hasReached = outer;
      }
    };
}

/** `request` of a connection: sent until there is an answer. */
export function observeRequest(observation: Observation) {
  return (original: Connection['request']): Connection['request'] =>
    function request(this: Connection, subject, payload, options, ...others: []) {
      const send = startSend(observation, this.protocol, subject, payload, options);
      if (!send) return original.call(this, subject, payload, options, ...others);
      const { operation } = send;
      const publishing = awaitingAnswer;
      awaitingAnswer = undefined;
      if (publishing) publishing.send = send;
      const outer = requested;
      requested = send;
      try {
        return followPromise(
          original.call(this, subject, payload, options, ...others),
          () => {
            if (!publishing) operation.end();
          },
          (error) => operation.end({ error }),
        );
      } catch (error) {
        operation.end({ error });
        throw error;
      } finally {
        requested = outer;
      }
    };
}

/** `publish` of JetStream: a request, whose answer may be an error. */
export function observeJetStreamPublish({ isActive }: Observation) {
  return (original: JetStreamClient['publish']): JetStreamClient['publish'] =>
    function publish(this: JetStreamClient, ...args) {
      if (!isActive()) return original.apply(this, args);
      const publishing: { send?: Send } = {};
      awaitingAnswer = publishing;
      try {
        return followPromise(
          original.apply(this, args),
          () => publishing.send?.operation.end(),
          (error) => publishing.send?.operation.end({ error }),
        );
      } finally {
        awaitingAnswer = undefined;
      }
    };
}
