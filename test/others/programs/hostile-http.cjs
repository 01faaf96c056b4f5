// What handlers do with requests and responses that nobody expects: http, http2, and subclasses.
const http = require('node:http');
const http2 = require('node:http2');
const { ask: send, handlers, handlersOfHttp1, shown, thrown } = require(process.env.HOSTILE_HANDLERS);

process.on('uncaughtException', (error) => say('uncaught', shown(error)));
const said = [];
const say = (...words) => said.push(words.join(' '));

class Request extends http.IncomingMessage {
  get odd() {
    return true;
  }
}
class Response extends http.ServerResponse {
  end(...args) {
    this.setHeader('x-sub', '1');
    return super.end(...args);
  }
}

async function ask(port, path) {
  const answer = await send(port, path);
  return answer.replace(/Date: [^\r]*\r\n/g, '');
}

async function overHttp1(name, options) {
  const all = { ...handlers, ...handlersOfHttp1 };
  const server = http.createServer(options, (request, response) => {
    const wanted = decodeURIComponent(request.url.slice(1));
    if (all[wanted]) return all[wanted](request, response);
    setImmediate(() => response.end('after the error'));
    throw thrown[wanted]();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  for (const wanted of [...Object.keys(all), ...Object.keys(thrown)]) {
    const answer = await ask(server.address().port, encodeURIComponent(wanted));
    say(name, wanted, JSON.stringify(answer));
  }
  // Another server gets the request.
  const inner = http.createServer((request, response) => response.end(`inner ${request.url}`));
  server.removeAllListeners('request').on('request', (request, response) => {
    if (request.url === '/derived') inner.emit('request', Object.create(request), Object.create(response));
    else inner.emit('request', request, response);
  });
  for (const path of ['plain', 'derived'])
    say(name, path, JSON.stringify(await ask(server.address().port, path)));
  server.close();
}

async function overHttp2() {
  const server = http2.createServer((request, response) => {
    const wanted = decodeURIComponent(request.url.slice(1));
    if (handlers[wanted]) return handlers[wanted](request, response);
    setImmediate(() => response.end('after the error'));
    throw thrown[wanted]();
  });
  server.on('sessionError', (error) => say('http2 session', shown(error)));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  for (const wanted of [...Object.keys(handlers), ...Object.keys(thrown)]) {
    const client = http2.connect(`http://127.0.0.1:${server.address().port}`);
    client.on('error', (error) => say('http2 client', shown(error)));
    const stream = client.request({ ':path': `/${encodeURIComponent(wanted)}`, ':method': 'POST' });
    let answer = '';
    stream.setEncoding('utf8').on('data', (text) => {
      answer += text;
    });
    stream.on('response', ({ ':status': status }) => {
      answer += `${status} `;
    });
    stream.on('error', (error) => say('http2', wanted, shown(error)));
    stream.end('hello');
    // What a plain Proxy of a compatibility request never answers.
    const timer = setTimeout(() => stream.close(), 1_000);
    await new Promise((resolve) => stream.on('close', resolve));
    clearTimeout(timer);
    client.close();
    say('http2', wanted, JSON.stringify(answer));
  }
  server.close();
}

(async () => {
  await overHttp1('http', {});
  await overHttp1('subclasses', { IncomingMessage: Request, ServerResponse: Response });
  await overHttp2();
  console.log(said.join('\n'));
  process.exit();
})();
