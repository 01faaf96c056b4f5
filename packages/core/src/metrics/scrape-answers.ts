import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { startPace } from '../timing/pace.js';
import type { ExpositionFormat } from './exposition.js';

/** The answer to a scrape, written while it is read. */
export interface MetricsAnswer {
  readonly contentType: string;
  readonly chunks: Iterable<string>;
}

/** An answer as it is sent. */
export interface WrittenAnswer {
  readonly contentType: string;
  readonly contentEncoding: 'gzip' | undefined;
  /** A short one is text: Node sends it in one piece with the headers. */
  readonly body: Buffer | string;
  /** Of a text. One that is ASCII only is the same in both, and faster to send as `latin1`. */
  readonly charset: 'latin1' | 'utf8';
  readonly sizeBytes: number;
}

/** Smaller answers are not worth compressing. */
const minGzipBytes = 1_024;
/** Different answers that are made at once: two formats, and scrapers that wait for different times. */
const maxRenders = 8;
/** Responses that wait for an answer or are still being sent. */
const maxResponses = 256;
/** The same on one connection: more than one means that requests are pipelined. */
const maxResponsesPerConnection = 32;
/** What answers that are still being sent may take together. Beyond it the oldest readers are cut off. */
const maxUnsentBytes = 64 * 1_048_576;

const compress = promisify(gzip);

/**
 * The responses to scrapes that are not sent yet. Their number is bounded, on each connection and in all, and so is the
 * memory that slow readers hold.
 */
export function createOpenResponses() {
  const perConnection = new WeakMap<object, Set<ServerResponse>>();
  const open = new Set<ServerResponse>();
  /** Who is still reading an answer, oldest answer first. */
  const readers = new Map<WrittenAnswer, Set<ServerResponse>>();
  let unsentBytes = 0;

  function release(response: ServerResponse, onConnection: Set<ServerResponse> | undefined): void {
    open.delete(response);
    onConnection?.delete(response);
    for (const [answer, reading] of readers) {
      if (reading.delete(response) && reading.size === 0) {
        readers.delete(answer);
        unsentBytes -= answer.sizeBytes;
      }
    }
  }

  function connectionOf({ socket }: IncomingMessage): Set<ServerResponse> | undefined {
    if (typeof socket?.once !== 'function') return undefined;
    const known = perConnection.get(socket);
    if (known) return known;
    const responses = new Set<ServerResponse>();
    perConnection.set(socket, responses);
    // Responses that wait behind another one are not told when their connection closes.
    socket.once('close', () => {
      for (const response of [...responses]) release(response, responses);
    });
    return responses;
  }

  return {
    /** @returns whether there is room for one more */
    admit(request: IncomingMessage, response: ServerResponse): boolean {
      const onConnection = connectionOf(request);
      if (open.size >= maxResponses || (onConnection?.size ?? 0) >= maxResponsesPerConnection) return false;
      open.add(response);
      onConnection?.add(response);
      response.once('close', () => release(response, onConnection));
      return true;
    },
    isOpen: (response: ServerResponse) => open.has(response),
    /** To be called before a response sends an answer. */
    sends(response: ServerResponse, answer: WrittenAnswer): void {
      const reading = readers.get(answer) ?? new Set();
      if (reading.size === 0) {
        readers.set(answer, reading);
        unsentBytes += answer.sizeBytes;
      }
      reading.add(response);
      for (const [older, slow] of readers) {
        if (unsentBytes <= maxUnsentBytes || older === answer) return;
        readers.delete(older);
        unsentBytes -= older.sizeBytes;
        for (const reader of slow) reader.destroy();
      }
    },
  };
}

/** One making of an answer, and all who wait for it. */
interface Render {
  readonly plain: Promise<WrittenAnswer | undefined>;
  readonly waiting: ServerResponse[];
  zipped: Promise<WrittenAnswer | undefined> | undefined;
}

/**
 * Makes each answer once for all who ask while it is made, compressed once as well: what a scrape costs does not grow
 * with the number of those who ask.
 *
 * @param isOpen whether a response still waits
 */
export function shareAnswers(
  render: (format: ExpositionFormat, collectTimeoutMillis: number | undefined) => Promise<MetricsAnswer>,
  isOpen: (response: ServerResponse) => boolean,
) {
  const renders = new Map<string, Render>();

  function start(key: string, format: ExpositionFormat, collectTimeoutMillis: number | undefined): Render {
    const waiting: ServerResponse[] = [];
    const over = () => {
      if (renders.get(key) === started) renders.delete(key);
    };
    const plain = write(render(format, collectTimeoutMillis), () => {
      if (waiting.some(isOpen)) return true;
      // From here on no other request may join it.
      over();
      return false;
    });
    const started: Render = { plain, waiting, zipped: undefined };
    renders.set(key, started);
    void plain.then((answer) => {
      // Those who take gzip are joined until it is there.
      if (answer && started.zipped) void started.zipped.then(over, over);
      else over();
    }, over);
    return started;
  }

  /**
   * @returns undefined when too many different answers are made already; resolves with undefined when all who waited
   *   for it have gone
   */
  return (
    response: ServerResponse,
    format: ExpositionFormat,
    collectTimeoutMillis: number | undefined,
    takesGzip: boolean,
  ): Promise<WrittenAnswer | undefined> | undefined => {
    const key = `${format} ${collectTimeoutMillis ?? ''}`;
    let shared = renders.get(key);
    if (!shared) {
      if (renders.size >= maxRenders) return undefined;
      shared = start(key, format, collectTimeoutMillis);
    }
    shared.waiting.push(response);
    if (!takesGzip) return shared.plain;
    shared.zipped ??= shared.plain.then(zip);
    return shared.zipped;
  };
}

/** @param isWanted whether a client still waits for it */
async function write(
  answer: Promise<MetricsAnswer>,
  isWanted: () => boolean,
): Promise<WrittenAnswer | undefined> {
  const { contentType, chunks } = await answer;
  const pace = startPace();
  const written: Buffer[] = [];
  let text: string | undefined;
  for (const chunk of chunks) {
    if (text !== undefined) written.push(Buffer.from(text));
    text = chunk;
    if (!pace.isDue()) continue;
    await pace.giveWay();
    if (!isWanted()) return undefined;
  }
  const last = text ?? '';
  if (written.length === 0) return plainAnswer(contentType, last, Buffer.byteLength(last));
  written.push(Buffer.from(last));
  const body = Buffer.concat(written);
  return plainAnswer(contentType, body, body.length);
}

function plainAnswer(contentType: string, body: Buffer | string, sizeBytes: number): WrittenAnswer {
  const charset = sizeBytes === body.length ? 'latin1' : 'utf8';
  return { contentType, contentEncoding: undefined, body, charset, sizeBytes };
}

async function zip(answer: WrittenAnswer | undefined): Promise<WrittenAnswer | undefined> {
  if (!answer || answer.sizeBytes < minGzipBytes) return answer;
  const body = await compress(answer.body);
  return { ...answer, contentEncoding: 'gzip', body, sizeBytes: body.length };
}
