/*
 * The clients of the soak, in a process that does nothing else: the service shall be what is busy. Requests are written
 * to sockets by hand, which costs a tenth of what `http.request` does.
 *
 *   node clients.mjs PORT CONNECTIONS
 *
 * The message `{ until: 5_000 }` sends requests until there were 5,000 in all. The answer is `{ sent, repeated, failed }`:
 * how many there were, how many were sent again because the service had closed an idle connection, and how many had an
 * answer that their kind must not have.
 */
import { connect } from 'node:net';

const [port, connectionCount] = process.argv.slice(2).map(Number);

/** Which requests come, in turn, and the status that they must get; none for those whose client leaves. */
const kinds = [
  { name: 'ok', status: 200 },
  { name: 'error', status: 500 },
  { name: 'ok', status: 200 },
  { name: 'call', status: 200 },
  { name: 'slow', leaves: 'before the answer' },
  { name: 'ok', status: 200 },
  { name: 'unread', status: 200 },
  { name: 'part', leaves: 'in the answer' },
];
const leaveMillis = 5;

let sent = 0;
let until = 0;
let busy = 0;
let repeated = 0;
let failed = 0;

/** One client: keeps its connection, and opens another one when it has left. */
function client() {
  let socket;
  let index;
  let received = '';

  const open = () => {
    const own = connect({ port, host: '127.0.0.1', noDelay: true });
    own.setEncoding('latin1');
    own.on('data', (text) => {
      if (own === socket) read(text);
    });
    own.on('error', () => {});
    own.on('close', () => {
      if (own !== socket) return;
      socket = undefined;
      if (index === undefined) return;
      repeated++;
      write();
    });
    return own;
  };
  const kind = () => kinds[index % kinds.length];
  const leave = () => {
    const left = socket;
    socket = undefined;
    if (kind().leaves === 'before the answer') setTimeout(() => left.destroy(), leaveMillis);
    else left.destroy();
    next();
  };
  const read = (text) => {
    if (kind().leaves !== undefined) return leave();
    received += text;
    const headEnd = received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = Number(/\r\nContent-Length: (\d+)/i.exec(received)?.[1]);
    if (received.length < headEnd + 4 + length) return;
    if (Number(received.slice(9, 12)) !== kind().status) failed++;
    next();
  };
  // Paths differ in every request: nothing may grow with them.
  const write = () => {
    socket ??= open();
    received = '';
    socket.write(`GET /${kind().name}/${index}?token=${index} HTTP/1.1\r\nHost: soak\r\n\r\n`);
    if (kind().leaves === 'before the answer') leave();
  };
  const next = () => {
    if (sent >= until) {
      index = undefined;
      if (--busy === 0) process.send({ sent, repeated, failed });
      return;
    }
    index = sent++;
    write();
  };
  return next;
}

const clients = Array.from({ length: connectionCount }, client);
process.on('message', (message) => {
  until = message.until;
  busy = clients.length;
  for (const next of clients) next();
});
process.on('disconnect', () => process.exit());
