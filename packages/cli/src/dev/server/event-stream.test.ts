import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EventStream } from './event-stream.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A page that listens. */
function listener() {
  const response = Object.assign(new PassThrough(), {
    writeHead: () => response,
  }) as unknown as ServerResponse;
  const messages: string[] = [];
  response.write = (text: string) => {
    messages.push(text);
    return true;
  };
  return { response, messages };
}

test('however many changes there are, a page hears of them twice a second, and of nothing when nothing has changed', () => {
  let traces = 0;
  const events = new EventStream(() => ({ traces, lines: 0, operations: 0, status: 0 }));
  const { response, messages } = listener();
  events.open(response);
  for (let change = 0; change < 1_000; change++) {
    traces++;
    if (change % 500 === 499) vi.advanceTimersByTime(500);
  }
  vi.advanceTimersByTime(5_000);
  const told = messages.map((text) => JSON.parse(/data: (.*)/.exec(text)?.[1] ?? '{}').traces);
  expect(told).toEqual([0, 500, 1_000]);
  events.close();
});

test('a page that is gone costs nothing more', () => {
  const asked = vi.fn(() => ({ traces: 0, lines: 0, operations: 0, status: 0 }));
  const events = new EventStream(asked);
  const { response } = listener();
  events.open(response);
  response.emit('close');
  asked.mockClear();
  vi.advanceTimersByTime(60_000);
  expect(asked).not.toHaveBeenCalled();
});
