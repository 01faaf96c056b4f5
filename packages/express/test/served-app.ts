import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { SpanKind } from '@opentelemetry/api';
import {
  type CapturedObservability,
  type CaptureOptions,
  captureObservability,
} from '@throughline/core/testing';
import { expressPlugin } from '../src/index.js';
import { type Express, expressCopies } from './express-copies.js';

/** Whether the app is made, and its server listening, before observability starts or after. */
export type Order = 'before' | 'after';
const orders: readonly Order[] = ['before', 'after'];

export const everyExpress = expressCopies.flatMap((copy) => orders.map((order) => ({ ...copy, order })));

/** The newest Express in both orders; each other one in one order, and each major version in both. */
export const isRepresentative = ({ name, order }: (typeof everyExpress)[number]) =>
  name.endsWith('router 2.3.0') || /4\.22|router 2\.2/.test(name) === (order === 'before');

export type Span = CapturedObservability['spans'][number];

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** Span of the server. */
  readonly span: Span;
  readonly route: unknown;
}

export interface ServedApp {
  readonly captured: CapturedObservability;
  readonly origin: string;
  /** Sends a request and waits for its span. */
  request(path: string, init?: RequestInit): Promise<Answer>;
  close(): Promise<void>;
}

const open = new Set<() => Promise<void>>();

/** For afterEach. */
export async function closeAll(): Promise<void> {
  for (const close of [...open].reverse()) await close();
  open.clear();
}

export async function serve(
  order: Order,
  build: () => RequestListener | Promise<RequestListener>,
  options: CaptureOptions = { plugins: [expressPlugin()] },
): Promise<ServedApp> {
  let server: Server | undefined;
  if (order === 'before') server = await listen(await build());
  const captured = captureObservability(options);
  open.add(captured.stop);
  server ??= await listen(await build());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const seen = new Set<Span>();
  return {
    captured,
    origin,
    async request(path, init) {
      const response = await fetch(origin + path, init);
      const text = await response.text();
      const urlPath = path.split('?')[0];
      const span = await captured.waitForSpan(
        (span) => span.kind === SpanKind.SERVER && span.attributes['url.path'] === urlPath && !seen.has(span),
      );
      seen.add(span);
      return {
        status: response.status,
        text,
        headers: response.headers,
        span,
        route: span.attributes['http.route'],
      };
    },
    close: closeAll,
  };
}

async function listen(listener: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.add(async () => {
    server.close();
    server.closeAllConnections();
  });
  return server;
}

/** All on one connection, without waiting for answers: a fraction of what a client's requests take. */
export async function requestAll(origin: string, paths: readonly (string | undefined)[]): Promise<void> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname).resume();
  for (const [index, path] of paths.entries()) {
    const connection = index === paths.length - 1 ? 'close' : 'keep-alive';
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: ${connection}\r\n\r\n`);
  }
  await once(socket, 'close');
}

/** An app that says nothing about its errors: these tests make many. */
export function quietApp(express: Express): ReturnType<Express> {
  const app = express();
  app.set('env', 'test');
  return app;
}
