import type { ServerResponse } from 'node:http';
import type { ChangeEvent } from '../model/api.js';

/** The page hears of changes at most so often, however many there are. */
const intervalMillis = 500;
/** A comment now and then, so that an ended connection is noticed. */
const heartbeatMillis = 15_000;
const maxStreams = 32;

/** Server-sent events that say what has changed. https://html.spec.whatwg.org/multipage/server-sent-events.html */
export class EventStream {
  private readonly streams = new Set<ServerResponse>();
  private timer: NodeJS.Timeout | undefined;
  private last = '';
  private quietMillis = 0;

  constructor(private readonly current: () => ChangeEvent) {}

  open(response: ServerResponse): void {
    if (this.streams.size >= maxStreams) {
      response.writeHead(503).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`retry: 1000\ndata: ${JSON.stringify(this.current())}\n\n`);
    this.streams.add(response);
    response.once('close', () => {
      this.streams.delete(response);
      if (this.streams.size === 0) this.stop();
    });
    this.timer ??= setInterval(() => this.tell(), intervalMillis).unref();
  }

  close(): void {
    this.stop();
    for (const stream of this.streams) stream.end();
  }

  private tell(): void {
    const text = JSON.stringify(this.current());
    this.quietMillis += intervalMillis;
    if (text === this.last && this.quietMillis < heartbeatMillis) return;
    const message = text === this.last ? ': still here\n\n' : `data: ${text}\n\n`;
    this.last = text;
    this.quietMillis = 0;
    for (const stream of this.streams) {
      // A page that does not read gets the next state, not all of them.
      if (!stream.writableNeedDrain) stream.write(message);
    }
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.last = '';
  }
}
