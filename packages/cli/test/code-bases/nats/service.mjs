import { nanoid } from 'nanoid';
import { connect, headers, StringCodec } from 'nats';

const connection = await connect();
const codec = StringCodec();

export function publish(order, traceId) {
  const h = headers();
  h.set('x-trace-id', traceId); // finds: header-sent
  h.set('Nats-Msg-Id', order.id);
  h.append('x-correlation-id', nanoid()); // finds: header-sent id-made
  connection.publish('orders.created', codec.encode(JSON.stringify(order)), { headers: h });
}

for await (const message of connection.subscribe('orders.*')) {
  const traceId = message.headers?.get('x-trace-id'); // finds: header-read
  const retries = message.headers?.get('x-retries');
  console.info(`[${traceId}] retry ${retries}`); // finds: logged
  const { traceId: sent } = codec.decode(message.data) === '' ? {} : message.json(); // finds: payload-read
  const body = JSON.parse(codec.decode(message.data));
  console.info('order', body.traceId, sent, body.id); // finds: logged logged payload-read
}
