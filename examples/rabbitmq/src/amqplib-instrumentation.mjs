import { AmqplibInstrumentation } from '@opentelemetry/instrumentation-amqplib';

/**
 * The stock instrumentation of amqplib. Its attribute names are older than the stable conventions. The hooks add the
 * current names, which dashboards and service maps use: https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq/
 *
 * @param {string} url of the broker. The hooks add its address to the spans. The instrumentation itself reads the
 *   address only in `connect`, and amqplib keeps a copy of the unpatched `connect`.
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
