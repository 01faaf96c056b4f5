import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { startIntake } from '@throughline/testbed/otlp-intake';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startShop } from '../examples/moving-over/src/services.mjs';

/*
 * examples/moving-over as a company has it: web and stock have moved, orders between them copies x-trace-id by hand.
 * The processes are real, and what they send goes to a real OTLP intake.
 */
let intake: Awaited<ReturnType<typeof startIntake>>;
let shop: Awaited<ReturnType<typeof startShop>>;

const isBuilt = existsSync(fileURLToPath(new URL('../packages/core/dist', import.meta.url)));
if (!isBuilt) throw new Error('Build first: npm run build');

beforeEach(async () => {
  intake = await startIntake();
});
afterEach(async () => {
  await shop.stop();
  await intake.stop();
});

const start = async (options: { moved?: boolean; env?: Record<string, string> } = {}) => {
  const { env, ...rest } = options;
  shop = await startShop({ ...rest, env: { OTEL_EXPORTER_OTLP_ENDPOINT: intake.url, ...env } });
};

/** A customer's request: a plain socket, so that nothing of this process is added to it. */
async function checkout(traceId?: string): Promise<string> {
  const socket = connect(Number(new URL(shop.web.url).port), '127.0.0.1');
  const header = traceId === undefined ? '' : `x-trace-id: ${traceId}\r\n`;
  socket.write(`GET /checkout HTTP/1.1\r\nhost: shop\r\n${header}connection: close\r\n\r\n`);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  await once(socket, 'close');
  return /^x-trace-id: (.*)\r$/im.exec(text)?.[1] ?? '';
}

type Line = Record<string, unknown>;
const line = (service: { lines: Line[] }, message: string) =>
  service.lines.find((candidate) => candidate.message === message);
const serverSpans = (service: string) => intake.spansOf(service).filter((span) => span.kind === 2);

test('a request that starts in a service that has moved is one trace, found by one id in all logs', async () => {
  await start();
  const told = await checkout();
  const traceId = line(shop.web, 'checkout requested')?.trace_id;
  expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  // What the customer can quote, and what the service in the middle logged by hand.
  expect(told).toBe(traceId);
  expect(line(shop.orders, 'order placed')?.traceId).toBe(traceId);
  expect(line(shop.stock, 'stock reserved')).toMatchObject({ trace_id: traceId, legacy_trace_id: traceId });
  await vi.waitFor(
    () => expect([serverSpans('web'), serverSpans('stock')].map((s) => s.length)).toEqual([1, 1]),
    5_000,
  );
  expect(serverSpans('web')[0]?.traceId).toBe(traceId);
  expect(serverSpans('stock')[0]?.traceId).toBe(traceId);
  expect(intake.spansOf('orders')).toEqual([]);
});

test('an old id of any form comes through unchanged, and is on spans and lines', async () => {
  await start();
  expect(await checkout('Order 4711')).toBe('Order 4711');
  expect(line(shop.orders, 'order placed')?.traceId).toBe('Order 4711');
  const lines = [line(shop.web, 'checkout requested'), line(shop.stock, 'stock reserved')];
  expect(lines.map((found) => found?.legacy_trace_id)).toEqual(['Order 4711', 'Order 4711']);
  expect(lines[0]?.trace_id).toBe(lines[1]?.trace_id);
  await vi.waitFor(() => expect(serverSpans('stock')).toHaveLength(1), 5_000);
  expect(serverSpans('stock')[0]?.attributes.legacy_trace_id).toBe('Order 4711');
});

test('the counter names who is left, and stands still once that service has moved', async () => {
  await start();
  await checkout();
  await checkout('a-2');
  expect(await shop.stock.oldHeaders()).toEqual({ orders: 2 });
  const said = shop.stock.lines.filter(({ source }: Line) => source === 'orders');
  expect(said).toHaveLength(1);
  // web is called by a customer with an old header once.
  expect(await shop.web.oldHeaders()).toEqual({ loopback: 1 });

  await shop.stop();
  await start({ moved: true });
  await checkout();
  await checkout('a-3');
  expect(await shop.stock.oldHeaders()).toEqual({});
  expect(await shop.orders.oldHeaders()).toEqual({});
  // And the trace is whole now.
  await vi.waitFor(() => expect(serverSpans('orders')).toHaveLength(2), 5_000);
  const placed = line(shop.orders, 'order placed');
  expect(placed?.trace_id).toBe(line(shop.stock, 'stock reserved')?.trace_id);
  const reserved = shop.stock.lines.find(({ legacy_trace_id }: Line) => legacy_trace_id === 'a-3');
  expect(reserved?.message).toBe('stock reserved');
});

test('after the cut-off the old header starts no trace of its id, and is still counted', async () => {
  await start({ env: { ACCEPT_UNTIL: '2026-01-01' } });
  await checkout();
  const traceId = line(shop.web, 'checkout requested')?.trace_id;
  const reserved = line(shop.stock, 'stock reserved');
  expect(reserved?.trace_id).toMatch(/^[0-9a-f]{32}$/);
  expect(reserved?.trace_id).not.toBe(traceId);
  expect(reserved).not.toHaveProperty('legacy_trace_id');
  expect(await shop.stock.oldHeaders()).toEqual({ orders: 1 });
  const warnings = shop.stock.lines.filter(({ level }: Line) => level === 'warn');
  expect(warnings.map(({ message }: Line) => message)).toEqual([
    'The old trace header is no longer used, because legacyTraceHeader.acceptUntil has passed.',
    'A caller sends only the old trace header, which is no longer used. Its traces do not continue here.',
  ]);
});
