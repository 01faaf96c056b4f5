import { createHash } from 'node:crypto';
import { logger, withSpan } from '@throughline/core';
import { type CapturedObservability, captureObservability } from '@throughline/core/testing';
import type { IHeaders } from 'kafkajs';
import { afterEach, describe, expect, test } from 'vitest';
import { hasBroker, newTopic, signal } from '../test/parts/kafka.js';
import { disconnectAll, newConsumer, newProducer } from '../test/parts/kafkajs-clients.js';
import { kafkaPlugin } from './index.js';

const hashed = (value: string) => createHash('sha256').update(value).digest('hex').slice(0, 32);

let captured: CapturedObservability;
afterEach(async () => {
  await disconnectAll();
  await captured?.stop();
});

/** Handles messages of a topic until so many have come; gives their headers as the broker had them. */
async function consume(topic: string, count: number, handle: () => unknown = () => {}): Promise<IHeaders[]> {
  const consumer = await newConsumer(topic);
  const headers: IHeaders[] = [];
  const done = signal();
  await consumer.run({
    async eachMessage({ message }) {
      headers.push(message.headers ?? {});
      await handle();
      if (headers.length === count) done.fire();
    },
  });
  await done.fired;
  await consumer.stop();
  return headers;
}

describe.skipIf(!hasBroker)('old trace headers through a broker', () => {
  test('a message of a producer that has not moved starts the trace of its id', async () => {
    const topic = await newTopic();
    const messages = [
      { value: '1', headers: { 'X-Trace-Id': '4bf92f35-77b3-4da6-a3ce-929d0e0e4736' } },
      { value: '2', headers: { 'x-trace-id': 'order 7\nforged' } },
      { value: '3' },
    ];
    // Without Throughline: this is what the others send.
    await (await newProducer()).send({ topic, messages });

    captured = captureObservability({ plugins: [kafkaPlugin()], legacyTraceHeader: 'x-trace-id' });
    await consume(topic, 3, () => logger.info('handled'));
    await captured.observability.flush();
    const spans = captured.spans.filter(({ name }) => name === `process ${topic}`);
    expect(spans.map((span) => span.spanContext().traceId).slice(0, 2)).toEqual([
      '4bf92f3577b34da6a3ce929d0e0e4736',
      hashed('order 7?forged'),
    ]);
    expect(spans.map((span) => span.attributes.legacy_trace_id)).toEqual([
      '4bf92f35-77b3-4da6-a3ce-929d0e0e4736',
      'order 7?forged',
      undefined,
    ]);
    expect(spans.map((span) => span.parentSpanContext)).toEqual([undefined, undefined, undefined]);
    const lines = captured.logLines.filter(({ message }) => message === 'handled');
    expect(lines).toMatchObject([
      { topic, legacy_trace_id: '4bf92f35-77b3-4da6-a3ce-929d0e0e4736' },
      { topic, trace_id: hashed('order 7?forged') },
      { topic },
    ]);
    expect(await captured.metrics()).toMatch(
      new RegExp(
        `throughline_legacy_trace_headers_total\\{direction="in",source="topic ${topic}"[^}]*\\} 2$`,
        'm',
      ),
    );
  });

  test('a message carries both, and its consumer has the one trace and the old value', async () => {
    captured = captureObservability({ plugins: [kafkaPlugin()], legacyTraceHeader: 'X-Trace-Id' });
    const topic = await newTopic();
    const producer = await newProducer();
    const traceId = await withSpan('publish', async (span) => {
      await producer.send({
        topic,
        messages: [{ value: '1' }, { value: '2', headers: { 'x-trace-id': 'own' } }],
      });
      return span.spanContext().traceId;
    });
    const headers = await consume(topic, 2);
    const texts = headers.map((one) =>
      Object.fromEntries(Object.entries(one).map(([name, value]) => [name, String(value)])),
    );
    expect(texts[0]).toMatchObject({ 'X-Trace-Id': traceId, traceparent: expect.stringContaining(traceId) });
    expect(texts[1]).toMatchObject({ 'x-trace-id': 'own', traceparent: expect.stringContaining(traceId) });
    expect(texts[1]).not.toHaveProperty('X-Trace-Id');
    await captured.observability.flush();
    const spans = captured.spans.filter(({ name }) => name === `process ${topic}`);
    expect(spans.map((span) => span.spanContext().traceId)).toEqual([traceId, traceId]);
    expect(spans.map((span) => span.attributes.legacy_trace_id)).toEqual([undefined, 'own']);
    expect(await captured.metrics()).not.toMatch(/direction="in"/);
  });
});
