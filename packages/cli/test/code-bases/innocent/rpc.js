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
