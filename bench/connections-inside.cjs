/*
 * Runs a service of this folder with connections that are streams inside the process: Node's HTTP server, its parser and everything
 * above are real, and no kernel, network or second program takes part. What is left is the work of the process itself,
 * which a busy machine changes little. Run by requests.mjs with --inside, and by growth.mjs.
 */
const http = require('node:http');
const { Duplex } = require('node:stream');

const connectionCount = 32;
const requestOf = (path) =>
  Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: bench/1\r\nAccept: */*\r\n\r\n`);
let requests = [requestOf('/orders/42')];
let next = 0;
let leftToAsk = 0;
let leftToAnswer = 0;
let done = () => {};

class Connection extends Duplex {
  remoteAddress = '127.0.0.1';
  remotePort = 40_000;
  _read() {}
  _write(_chunk, _encoding, written) {
    written();
    this.answered();
  }
  _writev(_chunks, written) {
    written();
    this.answered();
  }
  setTimeout() {
    return this;
  }
  ask = () => this.push(requests[next++ % requests.length]);
  answered() {
    leftToAnswer--;
    if (leftToAsk-- > 0) setImmediate(this.ask);
    else if (leftToAnswer === 0) done();
  }
}

const { listen } = http.Server.prototype;
http.Server.prototype.listen = function capture(...args) {
  // The service's own server, not that of the metrics.
  if (args[1] === '127.0.0.1') {
    http.Server.prototype.listen = listen;
    start(this);
  }
  return Reflect.apply(listen, this, args);
};

function start(server) {
  const connections = Array.from({ length: connectionCount }, () => {
    const connection = new Connection();
    server.emit('connection', connection);
    return connection;
  });
  process.on('message', (message) => {
    if (typeof message !== 'object' || message.requests === undefined) return;
    if (message.paths) requests = message.paths.map(requestOf);
    next = 0;
    leftToAnswer = message.requests;
    leftToAsk = message.requests - connectionCount;
    const before = process.cpuUsage();
    done = () => {
      const { user, system } = process.cpuUsage(before);
      process.send({
        microseconds: (user + system) / message.requests,
        rssBytes: process.memoryUsage.rss(),
      });
    };
    for (const connection of connections) connection.ask();
  });
}

require(process.env.BENCH_SERVICE ?? './service.cjs');
