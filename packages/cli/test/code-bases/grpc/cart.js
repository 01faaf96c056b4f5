const grpc = require('@grpc/grpc-js');
const { randomUUID } = require('node:crypto');

exports.add = (call, callback) => {
  const traceId = call.metadata.get('x-trace-id')[0] ?? randomUUID(); // finds: header-read id-made
  const meta = new grpc.Metadata();
  meta.add('x-trace-id', traceId); // finds: header-sent
  meta.add('authorization', call.metadata.get('authorization')[0]);
  exports.stock.reserve({}, meta, callback);
};
