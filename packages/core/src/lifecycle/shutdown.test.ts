import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import { withSpan } from '../index.js';
import { captureObservability } from '../testing.js';

test('shutdown ends what an intake that hangs would hold', async () => {
  const sockets = new Set<Socket>();
  let taken = 0;
  const intake = createServer((socket) => {
    taken++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
  }).listen(0, '127.0.0.1');
  await once(intake, 'listening');
  const endpoint = `http://127.0.0.1:${(intake.address() as AddressInfo).port}`;
  const captured = captureObservability({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_BSP_SCHEDULE_DELAY: '10' },
    traces: { exporter: 'otlp' },
    logs: { destinations: ['stdout', 'otlp'] },
    metrics: { push: {} },
  });
  try {
    withSpan('charge card', () => captured.observability.logger.info('card charged'));
    // Under way already, and still to come.
    await vi.waitFor(() => expect(taken).toBe(1), 10_000);
    await captured.observability.shutdown({ timeoutMillis: 1_000 });
    await vi.waitFor(() => expect(sockets.size).toBe(0), 10_000);
    const said = captured.logLines
      .filter(({ code }) => code === 'OBS_EXPORT_FAILED')
      .map(({ message }) => message);
    expect(said).toHaveLength(3);
    for (const what of ['1 spans', '\\d+ log records', '\\d+ metric points']) {
      const wanted = new RegExp(`^${what} could not be sent to .*: no answer before the end\\.$`);
      expect(said).toContainEqual(expect.stringMatching(wanted));
    }
  } finally {
    await captured.stop();
    intake.close();
  }
});

test('a line that comes during a flush goes with the shutdown', async () => {
  const bodies: string[] = [];
  let answer: (() => void) | undefined;
  const intake = createHttpServer(async (request, response) => {
    bodies.push(await text(request));
    if (answer) response.end('{}');
    else answer = () => response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(intake, 'listening');
  const captured = captureObservability({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(intake.address() as AddressInfo).port}` },
    logs: { destinations: ['otlp'] },
  });
  const { observability } = captured;
  try {
    observability.logger.info('first');
    const flushed = observability.flush();
    await vi.waitFor(() => expect(answer).toBeDefined(), 10_000);
    observability.logger.info('second');
    const ended = observability.shutdown();
    answer?.();
    await Promise.all([flushed, ended]);
    expect(bodies.join('\n')).toContain('second');
  } finally {
    await captured.stop();
    intake.close();
  }
});
