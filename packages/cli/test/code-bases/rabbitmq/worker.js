const amqp = require('amqplib');
const { randomUUID } = require('node:crypto');
const log = require('pino')();

async function main() {
  const connection = await amqp.connect('amqp://localhost');
  const channel = await connection.createChannel();
  await channel.consume('orders', (message) => {
    const traceId = message.properties.headers['x-trace-id'] ?? randomUUID(); // finds: header-read id-made
    const { headers, deliveryMode } = message.properties;
    log.info({ traceId, attempt: headers['x-attempt'], deliveryMode }); // finds: logged
    channel.publish('mails', 'order', Buffer.from('{}'), {
      headers: {
        'x-trace-id': traceId, // finds: header-sent
        'x-attempt': 1,
      },
    });
    channel.sendToQueue('bills', Buffer.from('{}'), {
      persistent: true,
      correlationId: traceId, // finds: header-sent
    });
    channel.sendToQueue(
      'stock',
      Buffer.from(
        JSON.stringify({
          order: 7,
          traceId, // finds: payload-sent
        }),
      ),
    );
    channel.ack(message);
  });
  await channel.consume('bills', (message) => {
    const traceId = message.properties.correlationId; // finds: header-read
    log.info({ traceId }); // finds: logged
  });
  await channel.consume('stock', (message) => {
    const { order, traceId } = JSON.parse(message.content.toString()); // finds: payload-read
    log.info({ order, trace: traceId }); // finds: logged
  });
}
main();
