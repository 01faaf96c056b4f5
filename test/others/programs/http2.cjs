// What http2 does: streams of the core API and the compatibility API, pushes, resets, errors.
const http2 = require('node:http2');
const { once } = require('node:events');
const lines = [];
const server = http2.createServer();
server.on('stream', (stream, headers) => {
  stream.on('error', (error) => lines.push(`server stream error ${error.code}`));
  const path = headers[':path'];
  if (path === '/reset') stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
  else if (path === '/push') {
    stream.pushStream({ ':path': '/pushed' }, (_error, pushed) => {
      pushed.respond({ ':status': 200 });
      pushed.end('pushed');
      stream.respond({ ':status': 200 });
      stream.end('pushing');
    });
  } else {
    stream.respond({ ':status': path === '/teapot' ? 418 : 200, 'x-path': path });
    stream.pipe(stream);
  }
});
const compat = http2.createServer((request, response) => {
  response.setHeader('x-method', request.method);
  response.writeHead(request.url === '/none' ? 404 : 200);
  request.pipe(response);
});
async function ask(client, headers, body) {
  const stream = client.request(headers);
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  stream.on('response', (answer) =>
    lines.push(
      `${headers[':path']} ${answer[':status']} ${answer['x-path'] ?? ''}${answer['x-method'] ?? ''}`,
    ),
  );
  stream.on('error', (error) => lines.push(`${headers[':path']} error ${error.code}`));
  stream.end(body);
  await new Promise((resolve) => stream.on('close', resolve));
  lines.push(`${headers[':path']} body ${text} rst ${stream.rstCode}`);
}
(async () => {
  for (const one of [server, compat]) {
    one.listen(0, '127.0.0.1');
    await once(one, 'listening');
    const client = http2.connect(`http://127.0.0.1:${one.address().port}`);
    client.on('stream', (pushed, headers) =>
      pushed.setEncoding('utf8').on('data', (chunk) => lines.push(`push ${headers[':path']} ${chunk}`)),
    );
    await ask(client, { ':path': '/echo', ':method': 'POST' }, 'hello');
    await ask(client, { ':path': '/teapot' });
    await ask(client, { ':path': '/none' });
    if (one === server) {
      await ask(client, { ':path': '/push' });
      await ask(client, { ':path': '/reset' });
    }
    try {
      client.request({ ':path': '/wrong', ':unknown': 1 });
    } catch (error) {
      lines.push(`refused ${error.code}`);
    }
    client.close();
    await once(client, 'close');
    one.close();
  }
  lines.push(`listeners ${server.listenerCount('stream')} ${compat.listenerCount('request')}`);
  for (const line of lines) console.log(line);
})();
