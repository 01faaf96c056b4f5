import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Received } from '../intake/otlp-request.js';
import { BodyTooLarge, readBody } from '../intake/request-body.js';
import type { ChangeEvent, StatusAnswer } from '../model/api.js';
import { SessionError, sessionLines } from '../store/session-file.js';
import type { TelemetryStore } from '../store/telemetry-store.js';
import { type Access, isFromOtherPage, isLocalHost } from './access.js';
import { ApiError, answerApi } from './api.js';
import { EventStream } from './event-stream.js';
import { type Refused, signalOfPath, takeOtlp } from './intake.js';
import { pageFile } from './page-files.js';

/** What the server asks of the rest. */
export interface DevServerParts {
  readonly access: Access;
  readonly refused: Refused;
  /** The folder of the built page. */
  readonly pageFolder: string;
  add(received: Received): void;
  /** What the page shows: what is live, or a session that was opened. */
  store(): TelemetryStore;
  status(): StatusAnswer;
  changes(): ChangeEvent;
  openSession(name: string, content: Buffer): Promise<void>;
  closeSession(): void;
}

const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

const maxSessionBytes = 512 * 1024 * 1024;

const linkNeeded = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Throughline</title>
<p>This page needs the link that <code>throughline dev</code> printed in its terminal: the link contains a token.</p></html>`;

export interface DevServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves the intake, the API and the page on the loopback addresses.
 *
 * @throws the error of `listen`, for example EADDRINUSE
 */
export async function startDevServer(port: number, parts: DevServerParts): Promise<DevServer> {
  const events = new EventStream(() => parts.changes());
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response, parts, events).catch((error: Error) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' });
      response.end(
        response.writableEnded ? undefined : JSON.stringify({ error: { message: error.message } }),
      );
    });
  };
  const first = await listen(port, '127.0.0.1', onRequest);
  const servers = [first];
  const { port: listening } = first.address() as AddressInfo;
  try {
    // `localhost` may mean either address.
    servers.push(await listen(listening, '::1', onRequest));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      await close(first);
      throw error;
    }
    // A machine without IPv6.
  }
  return {
    port: listening,
    async close() {
      events.close();
      await Promise.all(servers.map(close));
    },
  };
}

function listen(port: number, host: string, onRequest: Parameters<typeof createServer>[1]): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(onRequest as never);
    server.once('error', reject);
    server.listen({ port, host }, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  parts: DevServerParts,
  events: EventStream,
): Promise<void> {
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
  if (!isLocalHost(request)) {
    return json(response, 403, {
      error: { message: 'The Host header must be localhost, 127.0.0.1 or [::1].' },
    });
  }
  const url = new URL(request.url ?? '/', 'http://localhost');
  const signal = signalOfPath(url.pathname);
  if (signal) return takeOtlp(signal, request, response, parts);
  if (isFromOtherPage(request)) {
    return json(response, 403, { error: { message: 'Pages of other origins have no access.' } });
  }
  if (!url.pathname.startsWith('/api/')) return servePage(url, request, response, parts);
  if (!parts.access.hasToken(request, url)) {
    return json(response, 401, { error: { message: 'The token is missing or wrong: open the link again.' } });
  }
  const path = url.pathname.slice('/api/'.length);
  if (path === 'session') return session(url, request, response, parts);
  if (request.method !== 'GET') {
    response.setHeader('allow', 'GET');
    return json(response, 405, { error: { message: 'This path is read by GET.' } });
  }
  if (path === 'events') return events.open(response);
  try {
    return json(response, 200, answerApi(path, url.searchParams, parts.store(), parts.status));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return json(response, error.status, { error: { message: error.message } });
  }
}

async function servePage(
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
  { access, pageFolder }: DevServerParts,
): Promise<void> {
  const name = url.pathname === '/' ? 'index.html' : url.pathname.slice(1);
  if (name === 'index.html') {
    if (!access.hasToken(request, url)) {
      response.writeHead(401, { 'content-type': 'text/html; charset=utf-8' });
      response.end(linkNeeded);
      return;
    }
    response.setHeader('set-cookie', access.cookie);
  }
  const file = await pageFile(pageFolder, name);
  if (!file) return json(response, 404, { error: { message: 'There is no such path.' } });
  response.writeHead(200, { 'content-type': file.type });
  response.end(file.content);
}

/** GET saves what is shown, POST opens a file, DELETE goes back to what is live. */
async function session(
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
  parts: DevServerParts,
): Promise<void> {
  switch (request.method) {
    case 'GET': {
      const time = new Date(parts.store().nowMillis()).toISOString().slice(0, 19).replaceAll(':', '-');
      response.writeHead(200, {
        'content-type': 'application/gzip',
        'content-disposition': `attachment; filename="throughline-${time}.ndjson.gz"`,
      });
      await pipeline(Readable.from(sessionLines(parts.store())), createGzip(), response);
      return;
    }
    case 'POST':
      try {
        await parts.openSession(
          (url.searchParams.get('name') ?? 'session').slice(0, 200),
          await readBody(request, maxSessionBytes),
        );
        return json(response, 200, parts.status());
      } catch (error) {
        const status = error instanceof BodyTooLarge ? 413 : error instanceof SessionError ? 400 : 0;
        if (status === 0) throw error;
        return json(response, status, { error: { message: (error as Error).message } });
      }
    case 'DELETE':
      parts.closeSession();
      return json(response, 200, parts.status());
    default:
      response.setHeader('allow', 'GET, POST, DELETE');
      return json(response, 405, { error: { message: 'This path takes GET, POST and DELETE.' } });
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
