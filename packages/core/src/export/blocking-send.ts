import { Worker } from 'node:worker_threads';
import { readEnvironment } from '../model/environment.js';
import type { TlsFiles } from './export-connections.js';

/** One HTTP request, ready to go. */
export interface PostRequest {
  readonly url: string;
  /** Whether it is a call by gRPC; its headers then name the method. */
  readonly isGrpc?: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly tls: TlsFiles;
}

/** What became of a request: `waiting` has no answer yet. */
export type SendOutcome = 'waiting' | 'taken' | 'refused';

const outcomes: readonly SendOutcome[] = ['waiting', 'taken', 'refused'];

/**
 * Sends requests synchronously, when Node is about to end the process: a worker thread sends, and this thread waits for
 * it. It has no other use.
 *
 * @returns what became of each within the time
 */
export function sendBlocking(requests: readonly PostRequest[], timeoutMillis: number): SendOutcome[] {
  if (requests.length === 0) return [];
  // [0] is the number of requests that are over; the others are the outcome of each.
  const state = new Int32Array(new SharedArrayBuffer(4 * (requests.length + 1)));
  const worker = new Worker(sender, {
    eval: true,
    workerData: { requests, timeoutMillis, state },
    // The sender needs none of the service's preloaded modules: neither those of the command line nor, since Node runs
    // `--require` of NODE_OPTIONS in workers as well, those of the environment.
    execArgv: [],
    env: { ...readEnvironment(), NODE_OPTIONS: '' },
    stdout: true,
    stderr: true,
  });
  worker.unref();
  worker.on('error', () => {});
  const deadline = performance.now() + timeoutMillis;
  for (;;) {
    const over = Atomics.load(state, 0);
    const left = deadline - performance.now();
    if (over >= requests.length || left <= 0) {
      return requests.map((_, index) => outcomes[Atomics.load(state, index + 1)] ?? 'waiting');
    }
    Atomics.wait(state, 0, over, left);
  }
}

const sender = `
  const { workerData: { requests, timeoutMillis, state } } = require('node:worker_threads');
  for (const [index, { url, headers, body, tls, isGrpc }] of requests.entries()) {
    let done = false;
    const over = (succeeded) => {
      if (done) return;
      done = true;
      Atomics.store(state, index + 1, succeeded ? 1 : 2);
      Atomics.add(state, 0, 1);
      Atomics.notify(state, 0);
    };
    try {
      if (isGrpc) {
        const session = require('node:http2').connect(url, tls);
        session.on('error', () => over(false));
        const call = session.request(headers);
        let status;
        call.on('response', (fields) => { status = fields['grpc-status']; });
        call.on('trailers', (fields) => { status = fields['grpc-status']; });
        call.on('error', () => over(false));
        call.on('close', () => over(status === '0'));
        call.setTimeout(timeoutMillis, () => call.close());
        call.resume();
        call.end(body);
        continue;
      }
      const request = require(url.startsWith('https:') ? 'node:https' : 'node:http').request(
        url,
        { ...tls, method: 'POST', headers: { ...headers, 'content-length': body.length }, timeout: timeoutMillis },
        (response) => {
          response.resume();
          response.on('end', () => over(response.statusCode < 300));
          response.on('error', () => over(false));
        });
      request.on('error', () => over(false));
      request.on('timeout', () => request.destroy());
      request.end(body);
    } catch { over(false); }
  }
`;
