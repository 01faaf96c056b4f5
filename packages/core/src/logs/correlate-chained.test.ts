import { afterEach, beforeEach, expect, test } from 'vitest';
import winston from 'winston';
import { correlate, withSpan } from '../index.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

let captured: CapturedObservability;
beforeEach(() => {
  captured = captureObservability();
});
afterEach(() => captured.stop());

// The types of winston do not have it.
const { Transport } = winston as unknown as { Transport: new (options: object) => winston.transport };

/** A transport that takes one line at a time, each in a later turn of the event loop. */
class SlowTransport extends Transport {
  constructor(private readonly lines: Record<string, unknown>[]) {
    super({ highWaterMark: 1 });
  }
  override log(info: Record<symbol, string>, next: () => void): void {
    this.lines.push(JSON.parse(info[Symbol.for('message')] as string));
    setTimeout(next, 1);
  }
}

type Make = (transport: winston.transport) => winston.Logger;
const json = winston.format.json();
const chains: [string, Make][] = [
  [
    'a logger that is the transport of another',
    (transport) => {
      const last = winston.createLogger({ format: json, transports: [transport] });
      return winston.createLogger({ format: json, transports: [last as never] });
    },
  ],
  [
    'a logger that is piped to another',
    (transport) => {
      const last = winston.createLogger({ format: json, transports: [transport] });
      const first = winston.createLogger({ format: json });
      first.pipe(last);
      return first;
    },
  ],
  [
    'a logger made with the settings of another',
    (transport) => winston.createLogger(winston.createLogger({ format: json, transports: [transport] })),
  ],
  [
    'a child of a child',
    (transport) =>
      winston
        .createLogger({ format: json, transports: [transport] })
        .child({ a: 1 })
        .child({ b: 2 }),
  ],
];

test.each(chains)(
  'winston: %s with a slow transport: each line has the trace of its call',
  async (_name, make) => {
    const lines: Record<string, unknown>[] = [];
    const logger = correlate(make(new SlowTransport(lines)));
    const wanted = new Map<number, string>();
    await Promise.all(
      Array.from({ length: 120 }, (_, i) =>
        withSpan(`request ${i}`, async (span) => {
          wanted.set(i, span.spanContext().traceId);
          await new Promise(setImmediate);
          logger.info('line', { i });
          await new Promise((resolve) => setTimeout(resolve, i % 7));
        }),
      ),
    );
    await expect.poll(() => lines.length).toBe(120);
    for (const { i, trace_id } of lines) expect(trace_id).toBe(wanted.get(i as number));
  },
);
