/*
 * What handlers do with the request and response of Node that nobody expects, for the programs of frameworks: each is
 * given both, and answers by itself. `thrown` are values that handlers throw.
 */
const { IncomingMessage, ServerResponse } = require('node:http');
const { connect } = require('node:net');

const fail = () => {
  throw new Error('from a getter');
};
const revoked = (target) => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};
const getters = Object.fromEntries(
  ['stack', 'name', 'message', 'code', 'constructor', 'cause', 'toString', 'toJSON', 'then', 'status'].map(
    (name) => [name, { get: fail, enumerable: true, configurable: true }],
  ),
);

exports.thrown = {
  'an error': () => new TypeError('thrown'),
  'getters that throw': () => Object.defineProperties({}, getters),
  'an error whose getters throw': () => Object.defineProperties(new Error('x'), getters),
  'a revoked Proxy': () => revoked({}),
  'a revoked Proxy of an error': () => revoked(new Error('x')),
  'no prototype': () => Object.create(null),
  'a frozen error': () => Object.freeze(new Error('frozen')),
  'a symbol': () => Symbol('thrown'),
  'a bigint': () => 7n,
  undefined: () => undefined,
  null: () => null,
  'an error of megabytes': () => new Error('m'.repeat(3_000_000)),
};

/** What is printed of a value, whatever it is. */
exports.shown = (value) => {
  try {
    if (value instanceof Error)
      return `${value.name} ${value.code ?? ''} ${String(value.message).slice(0, 60)}`;
    return `${typeof value} ${String(value).slice(0, 60)}`;
  } catch {
    return 'unreadable';
  }
};

const collect = (readable, response) => {
  let length = 0;
  readable.on('data', (chunk) => {
    length += chunk.length;
  });
  readable.on('end', () => response.end(`read ${length}`));
};
const passing = (target) => new Proxy(target, {});
const binding = (target) =>
  new Proxy(target, {
    get(object, name) {
      const value = Reflect.get(object, name);
      return typeof value === 'function' ? value.bind(object) : value;
    },
  });
const under = (object, members = {}) => {
  const prototype = Object.create(Object.getPrototypeOf(object), Object.getOwnPropertyDescriptors(members));
  return Object.setPrototypeOf(object, prototype);
};

exports.handlers = {
  'a derived request is read': (request, response) => collect(Object.create(request), response),
  'a derived request is piped': (request, response) => Object.create(request).pipe(response),
  'a derived request is resumed': (request, response) => {
    Object.create(request)
      .resume()
      .on('end', () => response.end('resumed'));
  },
  'a derived request emits': (request, response) => {
    const derived = Object.create(request);
    let count = 0;
    request.on('own', () => count++);
    derived.emit('own');
    response.end(`emitted ${count}`);
  },
  'a derived request of a derived request is read': (request, response) =>
    collect(Object.create(Object.create(request)), response),
  'a derived response ends': (_request, response) => Object.create(response).end('derived'),
  'a derived response writes': (_request, response) => {
    const derived = Object.create(response);
    derived.statusCode = 202;
    derived.setHeader('x-derived', '1');
    derived.write('a');
    derived.end('b');
  },
  'a derived response emits an error': (_request, response) => {
    const derived = Object.create(response);
    response.on('error', (error) => response.end(`heard ${error.message}`));
    derived.emit('error', new Error('derived'));
  },
  'a derived response with writeHead': (_request, response) => {
    Object.create(response).writeHead(201, { 'x-a': 'b' }).end('head');
  },
  'a Proxy of the request is read': (request, response) => collect(binding(request), response),
  'a plain Proxy of the request is read': (request, response) => collect(passing(request), response),
  'a Proxy of the response ends': (_request, response) => binding(response).end('proxied'),
  'a plain Proxy of the response ends': (_request, response) => passing(response).end('proxied'),
  'the request gets another prototype': (request, response) => collect(under(request), response),
  'the response gets another prototype': (_request, response) => under(response).end('prototype'),
  'the response gets a prototype with end': (_request, response) => {
    const { end } = response;
    under(response, {
      end(...args) {
        return Reflect.apply(end, this, [`wrapped ${args[0]}`]);
      },
    }).end('prototype');
  },
  'the response gets a method end': (_request, response) => {
    const { end } = response;
    response.end = function wrapped(text) {
      return end.call(this, `own ${text}`);
    };
    response.end('end');
  },
  'the response loses its listeners': (_request, response) => response.removeAllListeners().end('alone'),
  'the request loses its listeners': (request, response) => {
    request.removeAllListeners();
    response.end('alone');
  },
  'the request cannot be extended': (request, response) => {
    Object.preventExtensions(request);
    response.end('closed');
  },
  'the response ends twice': (_request, response) => {
    response.on('error', () => {});
    response.end('one');
    response.end('two');
    response.write('three', () => {});
  },
  'events are emitted by hand': (request, response) => {
    response.emit('finish');
    response.emit('close');
    request.emit('close');
    request.emit('aborted');
    response.end('by hand');
  },
  'members are not what they were': (request, response) => {
    request.url = undefined;
    request.method = null;
    request.headers = {};
    response.req = null;
    response.statusMessage = undefined;
    response.end('odd');
  },
  'the status is odd': (_request, response) => {
    response.statusCode = 799;
    response.end('odd');
  },
  'a status that is none': (_request, response) => {
    try {
      response.writeHead('abc');
    } catch (error) {
      response.statusCode = 500;
      response.end(exports.shown(error));
    }
  },
  'early hints': (_request, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' });
    response.writeProcessing?.();
    response.end('hinted');
  },
  'an interim answer with a hostile error event': (_request, response) => {
    const heard = [];
    response.on('error', (error) => heard.push(exports.shown(error)));
    for (const make of Object.values(exports.thrown)) {
      try {
        response.emit('error', make());
      } catch (error) {
        heard.push(`threw ${exports.shown(error)}`);
      }
    }
    response.end(heard.join('|'));
  },
};

/** Of HTTP/1 alone. */
exports.handlersOfHttp1 = {
  'the socket is detached': (_request, response) => {
    const { socket } = response;
    response.detachSocket(socket);
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\ndetached');
  },
  'the socket is destroyed': (request) => request.socket.destroy(),
  'the response is destroyed': (_request, response) => {
    response.on('error', () => {});
    response.write('a part');
    setImmediate(() => response.destroy(new Error('destroyed')));
  },
  'a response of the service on the same socket': (request, response) => {
    const { socket } = response;
    response.detachSocket(socket);
    const own = new ServerResponse(request);
    own.assignSocket(socket);
    own.shouldKeepAlive = false;
    own.on('finish', () => {
      own.detachSocket(socket);
      socket.end();
    });
    own.end('own response');
  },
  'a request of the service': (request, response) => {
    const own = new IncomingMessage(request.socket);
    own.method = 'GET';
    own.push('inner');
    own.push(null);
    collect(own, response);
  },
};

/** Sends a request, and gives all that comes back. What is not answered within a second never will be. */
exports.ask = async (port, path) => {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`POST /${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello`);
  let answer = '';
  socket.setEncoding('latin1').on('data', (text) => {
    answer += text;
  });
  const timer = setTimeout(() => socket.destroy(), 1_000);
  await new Promise((resolve) => socket.on('close', resolve));
  clearTimeout(timer);
  return answer;
};
