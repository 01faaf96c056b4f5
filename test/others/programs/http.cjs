// What http and https do: events in their order, errors, agents, bodies, early ends.
const http = require('node:http');
const net = require('node:net');
const events = [];
const say = (...words) => events.push(words.join(' '));
const watch = (name, emitter, names) => {
  for (const event of names)
    emitter.on(event, (value) =>
      say(name, event, value instanceof Error ? (value.code ?? value.message) : ''),
    );
};

const server = http.createServer((request, response) => {
  watch(`server ${request.url} request`, request, ['end', 'close', 'aborted', 'error']);
  watch(`server ${request.url} response`, response, ['finish', 'close', 'error']);
  if (request.url === '/destroy') request.socket.destroy();
  else if (request.url === '/early') {
    response.writeHead(200, { 'content-length': 10 });
    response.write('half');
    setImmediate(() => response.destroy());
  } else if (request.url === '/trailers') {
    response.writeHead(200, { trailer: 'x-sum' });
    response.addTrailers({ 'x-sum': '3' });
    response.end('abc');
  } else if (request.url === '/slow') setTimeout(() => response.end('late'), 100);
  else if (request.url === '/twice') {
    response.end('one');
    try {
      response.writeHead(500);
    } catch (error) {
      say('writeHead again', error.code);
    }
    response.end('two');
  } else request.pipe(response);
});
server.on('clientError', (error, socket) => {
  say('clientError', error.code);
  socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
});

const ask = (options, body) =>
  new Promise((resolve) => {
    const request = http.request(
      { host: '127.0.0.1', port: server.address().port, ...options },
      (response) => {
        const chunks = [];
        watch(`client ${options.path} response`, response, ['aborted', 'error', 'close']);
        response
          .on('data', (chunk) => chunks.push(chunk))
          .on('close', () => {
            say(
              'client',
              options.path,
              response.statusCode,
              Buffer.concat(chunks).toString(),
              JSON.stringify(response.trailers),
              response.complete,
            );
          });
      },
    );
    say(
      'headers',
      options.path,
      JSON.stringify(request.getHeaderNames().filter((name) => !['traceparent', 'host'].includes(name))),
      request.method,
    );
    watch(`client ${options.path}`, request, ['socket', 'finish', 'abort', 'timeout', 'error', 'close']);
    request.on('close', resolve);
    if (options.abort) request.destroy(new Error('changed my mind'));
    request.end(body);
  });

const raw = (text) =>
  new Promise((resolve) => {
    const socket = net.connect(server.address().port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket
      .on('data', (chunk) => (answer += chunk))
      .on('close', () => resolve(say('raw', answer.split('\r\n')[0])));
    socket.on('error', () => {});
    setTimeout(() => socket.destroy(), 200);
  });

server.listen(0, '127.0.0.1', async () => {
  await ask({ path: '/echo', method: 'POST', headers: { 'content-type': 'text/plain' } }, 'hello');
  await ask(
    { path: '/echo', method: 'PUT', agent: new http.Agent({ keepAlive: true, maxSockets: 1 }) },
    'x'.repeat(1000),
  );
  for (const path of ['/destroy', '/early', '/trailers', '/twice']) await ask({ path });
  await ask({ path: '/slow', timeout: 20 });
  await ask({ path: '/never', abort: true });
  await ask({ path: '/none', port: 1 });
  await ask({
    path: '/aborted',
    signal: AbortSignal.timeout(1),
    port: server.address().port,
    method: 'POST',
  });
  await raw('nonsense\r\n\r\n');
  await raw(
    'GET /echo HTTP/1.1\r\nHost: a\r\n\r\nGET /trailers HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  );
  for (const wrong of [
    { path: '/a b' },
    { method: 'BAD METHOD' },
    { headers: { 'x-y': 'a\nb' } },
    { protocol: 'ftp:' },
  ]) {
    try {
      http
        .request({ host: '127.0.0.1', port: 1, ...wrong })
        .on('error', () => {})
        .destroy();
      say('accepted', JSON.stringify(wrong));
    } catch (error) {
      say('refused', JSON.stringify(wrong), error.code);
    }
  }
  const viaFetch = async (path, options) => {
    try {
      const response = await fetch(`http://127.0.0.1:${server.address().port}${path}`, options);
      say('fetch', path, response.status, await response.text());
    } catch (error) {
      say('fetch', path, error.name, error.cause?.code ?? error.message);
    }
  };
  await viaFetch('/echo', { method: 'POST', body: 'by fetch' });
  await viaFetch('/destroy');
  await viaFetch('/early');
  await viaFetch('/slow', { signal: AbortSignal.timeout(20) });
  say('listeners', server.listenerCount('request'), process.listenerCount('uncaughtException'));
  server.close(() => {
    // Events of the two sides come in no fixed order between them.
    for (const side of ['client', 'server', '']) {
      for (const event of events.filter((text) =>
        side === '' ? !/^(client|server) /.test(text) : text.startsWith(`${side} `),
      ))
        console.log(event);
    }
  });
  server.closeAllConnections();
});
