const http = require('http');
const { API_KEY, ID_HEADER } = require('./constants');
const { correlationId } = require('./context');

exports.get = (path, done) => {
  const req = http.request({ path, headers: { [ID_HEADER]: correlationId(), [API_KEY]: 'k' } }, done); // finds: header-sent
  req.setHeader('x-trace-id', correlationId()); // finds: header-sent
  req.setHeader('user-agent', 'me');
  req.end();
};
exports.legacy = (got) =>
  got.extend({
    hooks: {
      beforeRequest: [
        (options) => {
          options.headers['x-request-id'] = correlationId(); // finds: header-sent
        },
      ],
    },
  });
