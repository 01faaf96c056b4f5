import { AmqplibInstrumentation } from '@opentelemetry/instrumentation-amqplib';

/**
 * The stock instrumentation of amqplib. Its spans have names of before the stable conventions; its hooks add those of
 * today, which dashboards and service maps go by: https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq/
 *
 * @param {string} url the broker's. Spans get its address here, because the instrumentation takes note of it in
 *   `connect` alone, and the function that amqplib keeps of that is the one from before it was patched.
 */
export function amqplibInstrumentation(url) {
  const { hostname, port } = new URL(url);
  const common = {
    'messaging.system': 'rabbitmq',
    'server.address': hostname,
    'server.port': Number(port || 5672),
  };
  return new AmqplibInstrumentation({
    publishHook(span, { exchange, routingKey }) {
      const destination = [exchange, routingKey].filter(Boolean).join(':');
      span.updateName(`publish ${destination}`);
      span.setAttributes({
        ...common,
        'messaging.operation.type': 'send',
        'messaging.operation.name': 'publish',
        'messaging.destination.name': destination,
      });
    },
    consumeHook(span, { msg: { fields } }) {
      const destination = [fields.exchange, fields.routingKey].filter(Boolean).join(':');
      span.updateName(`process ${destination}`);
      span.setAttributes({
        ...common,
        'messaging.operation.type': 'process',
        'messaging.operation.name': 'process',
        'messaging.destination.name': destination,
        'messaging.rabbitmq.message.delivery_tag': fields.deliveryTag,
      });
    },
    consumeEndHook(span, { rejected, endOperation }) {
      if (rejected) span.setAttribute('error.type', endOperation);
    },
  });
}
