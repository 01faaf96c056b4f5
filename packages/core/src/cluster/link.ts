import type { Socket } from 'node:net';
import type { ControlChange } from '../control/control-handler.js';
import type { HealthKind, HealthReport } from '../lifecycle/health.js';

/** Messages between the processes of a group. Metrics are separate lines between `metrics` and `end`. */
export type LinkMessage =
  /** A member introduces itself; `worker` is the label that an earlier leader gave it. */
  | {
      readonly say: 'hello';
      readonly id: string;
      readonly pid: number;
      readonly isRoot: boolean;
      readonly holdsPort: boolean;
      readonly worker: string | undefined;
    }
  | { readonly say: 'welcome'; readonly worker: string }
  /** This member was taken for dead, and its totals were put with those of others: it cannot come back. */
  | { readonly say: 'too-late' }
  /** The leader requests the metrics of a member, or a member requests those of all. */
  | { readonly say: 'collect'; readonly request: number; readonly timeoutMillis: number | undefined }
  /** A setting was changed over HTTP in one process: the others change it as well. */
  | { readonly say: 'change'; readonly change: ControlChange }
  /** The leader has taken metrics that it did not ask for. */
  | { readonly say: 'taken' }
  /** Metrics follow. Without a number, they were not requested. */
  | { readonly say: 'metrics'; readonly request: number | undefined }
  | { readonly say: 'end' }
  | { readonly say: 'health'; readonly request: number; readonly kind: HealthKind }
  | { readonly say: 'healthy'; readonly request: number; readonly report: HealthReport };

/** One end of a connection between two processes of a group. */
export interface Link {
  say(message: LinkMessage): void;
  /** Sends lines of metrics as one message; several at a time wait for each other. Resolves when they are sent. */
  sendMetrics(request: number | undefined, lines: AsyncIterable<string>): Promise<void>;
  close(): void;
}

export interface LinkListener {
  heard(message: Exclude<LinkMessage, { say: 'metrics' | 'end' }>): void;
  /** The lines of metrics that came as one message. */
  gotMetrics(request: number | undefined, lines: readonly string[]): void;
  closed(): void;
}

/** Marks a line as one of metrics: it is passed on as it is. */
const metricsMark = 'M';
/** Maximum size of the metrics of one process. A scraper would not accept a larger response either. */
const maxMessageCharacters = 256 * 1_024 * 1_024;
/** Characters that are handed to the socket in one piece. */
const pieceCharacters = 65_536;

export function openLink(socket: Socket, listener: LinkListener): Link {
  let rest: string[] = [];
  let metrics: { readonly request: number | undefined; readonly lines: string[] } | undefined;
  let characters = 0;
  let sending: Promise<unknown> = Promise.resolve();

  // Waiting for the others never keeps a process alive.
  socket.unref();
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    try {
      take(chunk);
    } catch {
      // The other side does not speak this protocol.
      socket.destroy();
    }
  });
  // An error is followed by 'close'.
  socket.on('error', () => {});
  socket.once('close', () => listener.closed());

  function take(chunk: string): void {
    characters += chunk.length;
    if (characters > maxMessageCharacters) throw new Error('too long');
    const lines = chunk.split('\n');
    const [first = ''] = lines;
    if (lines.length === 1) {
      rest.push(first);
      return;
    }
    lines[0] = rest.join('') + first;
    rest = [lines.pop() ?? ''];
    for (const line of lines) takeLine(line);
  }

  function takeLine(line: string): void {
    if (line.startsWith(metricsMark)) {
      metrics?.lines.push(line.slice(metricsMark.length));
      return;
    }
    const message = JSON.parse(line) as LinkMessage;
    if (message.say === 'metrics') metrics = { request: message.request, lines: [] };
    else if (message.say !== 'end') listener.heard(message);
    else if (metrics) {
      const { request, lines } = metrics;
      metrics = undefined;
      characters = 0;
      listener.gotMetrics(request, lines);
    }
    if (!metrics) characters = 0;
  }

  function say(message: LinkMessage): void {
    if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
  }

  async function send(request: number | undefined, lines: AsyncIterable<string>): Promise<void> {
    say({ say: 'metrics', request });
    let piece = '';
    for await (const line of lines) {
      piece += `${metricsMark}${line}\n`;
      if (piece.length < pieceCharacters) continue;
      if (socket.writable) socket.write(piece);
      piece = '';
    }
    piece += `${JSON.stringify({ say: 'end' } satisfies LinkMessage)}\n`;
    await new Promise<void>((resolve) => {
      if (!socket.writable) resolve();
      else socket.write(piece, () => resolve());
    });
  }

  return {
    say,
    sendMetrics(request, lines) {
      const sent = sending.then(() => send(request, lines));
      sending = sent.catch(() => {});
      return sent;
    },
    close: () => socket.destroySoon(),
  };
}
