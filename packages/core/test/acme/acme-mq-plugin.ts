import { followCall, followPromise, type ObservabilityPlugin, patchOnce } from '../../src/plugin.js';
import { AcmeConsumer, AcmeProducer } from './acme-mq.js';

/** Each fault breaks one promise of plugins for brokers. The value names the test that must fail. */
export const faults = {
  'names the message in the span':
    'sending and processing are one trace by the semantic conventions, with metrics',
  'starts another trace': 'sending and processing are one trace by the semantic conventions, with metrics',
  'counts nothing as consumed':
    'sending and processing are one trace by the semantic conventions, with metrics',
  'does not know the age': 'sending and processing are one trace by the semantic conventions, with metrics',
  'runs handlers outside of their span':
    'what a handler does is below the span of its message, with the baggage of the producer',
  'drops the baggage':
    'what a handler does is below the span of its message, with the baggage of the producer',
  "writes into the service's headers":
    'headers arrive as they were sent, and the object of the service stays as it is',
  'sends one context with all messages':
    'headers arrive as they were sent, and the object of the service stays as it is',
  'overwrites a context': 'a context that the service has put into the headers stays, and is linked to',
  'records no errors of handlers': 'what a handler throws is on span and metric',
  'records no errors of sends':
    'a send that fails is on span and metric, and its error is the same for the service',
  'replaces the errors of the client':
    'a send that fails is on span and metric, and its error is the same for the service',
  'sees new producers only': 'producers and consumers survive that the plugin is switched off and on again',
  'goes on when it is off': 'producers and consumers survive that the plugin is switched off and on again',
  'patches twice': 'two plugins record a message once',
  'leaves its patch': 'after shutdown nothing is left of the plugin, also not in the headers of messages',
} as const;

let plugins = 0;

/** @param fault what this plugin does wrong */
export function acmeMqPlugin(fault?: keyof typeof faults): ObservabilityPlugin {
  return {
    name: 'acme-mq',
    setup({ messaging }) {
      const made = performance.now();
      const name = fault === 'patches twice' ? `acme-mq-${++plugins}` : 'acme-mq';
      const isOff = (active: boolean) => !active && fault !== 'goes on when it is off';
      let firstContext: string | undefined;
      const undo = patchOnce(AcmeProducer.prototype, name, (patch) => {
        patch.replace(
          AcmeProducer.prototype,
          'send',
          (send) =>
            function observedSend(this: AcmeProducer, topic, message) {
              if (isOff(patch.active)) return send.call(this, topic, message);
              if (fault === 'sees new producers only' && born(this) < made)
                return send.call(this, topic, message);
              const sent =
                fault === "writes into the service's headers"
                  ? message
                  : { ...message, headers: { ...message.headers } };
              if (fault === 'overwrites a context') delete sent.headers.traceparent;
              const operation = messaging.startSend({
                system: 'acme',
                destination: fault === 'names the message in the span' ? `${topic}/${message.value}` : topic,
                count: 1,
                headers: [sent.headers],
              });
              if (fault === 'drops the baggage') delete sent.headers.baggage;
              if (fault === 'sends one context with all messages') {
                firstContext ??= sent.headers.traceparent;
                if (firstContext !== undefined) sent.headers.traceparent = firstContext;
              }
              return followPromise(
                operation.run(() => send.call(this, topic, sent)),
                () => operation.end(),
                (error) => operation.end(fault === 'records no errors of sends' ? {} : { error }),
              ).catch((error) => {
                throw fault === 'replaces the errors of the client'
                  ? new Error('not the error of the client')
                  : error;
              });
            },
        );
        patch.replace(
          AcmeConsumer.prototype,
          'deliver',
          (deliver) =>
            function observedDeliver(this: AcmeConsumer, message) {
              if (isOff(patch.active)) return deliver.call(this, message);
              const { timestampMillis, headers } = message;
              const operation = messaging.startProcess(
                {
                  system: 'acme',
                  destination: this.topic,
                  consumerGroup: this.group,
                  headers,
                  ...(fault === 'does not know the age' ? {} : { timestampMillis }),
                },
                {
                  ...(fault === 'starts another trace' ? { relation: 'link' } : {}),
                  ...(fault === 'counts nothing as consumed' ? { counted: true } : {}),
                },
              );
              return followCall(
                () =>
                  fault === 'runs handlers outside of their span'
                    ? deliver.call(this, message)
                    : operation.run(() => deliver.call(this, message)),
                () => operation.end(),
                (error) => operation.end(fault === 'records no errors of handlers' ? {} : { error }),
              );
            },
        );
      });
      return fault === 'leaves its patch' || fault === 'goes on when it is off' ? undefined : undo;
    },
  };
}

const births = new WeakMap<AcmeProducer, number>();
export function connectAcmeProducer(): AcmeProducer {
  const producer = new AcmeProducer();
  births.set(producer, performance.now());
  return producer;
}
const born = (producer: AcmeProducer) => births.get(producer) ?? 0;
