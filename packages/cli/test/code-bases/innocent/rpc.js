const { randomUUID } = require('crypto');

// A JSON-RPC client: its request ids are no trace.
class RpcClient {
  call(socket, method) {
    const requestId = randomUUID();
    this.pending.set(requestId, method);
    console.debug('calling', { requestId, method });
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: requestId, method }));
  }

  // Request and reply over AMQP: the broker's own property.
  ask(channel, queue, replyTo) {
    const correlationId = randomUUID();
    channel.sendToQueue(queue, Buffer.from('{}'), { correlationId, replyTo });
    channel.consume(replyTo, (message) => {
      if (message.properties.correlationId === correlationId) channel.ack(message);
    });
  }
}
module.exports = RpcClient;

// Jobs and messages with ids of their own.
class Jobs {
  async add(queue, sqs, nc, order) {
    await queue.add('order', { orderId: order.id, requestId: order.requestId }, { jobId: order.id });
    await sqs.send({
      MessageBody: JSON.stringify({ requestId: order.requestId }),
      MessageAttributes: { type: { DataType: 'String', StringValue: 'order' } },
    });
    nc.publish('orders', JSON.stringify({ id: order.id, correlationId: order.id }));
    const { requestId } = JSON.parse(order.text);
    let body = order.body;
    body = body || (body ? body : {});
    return { requestId, name: order.data.requestId, other: body.requestId };
  }
}
exports.Jobs = Jobs;
