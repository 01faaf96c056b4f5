import { trace } from '@opentelemetry/api';
import { withSpan } from '@throughline/core';
import { captureObservability, checkPlugin } from '@throughline/core/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { forEachMessage, injectHeaders, kafkaPlugin, runWithMessage, throughlinePlugin } from './index.js';

test('the register entry finds the plugin', () => expect(throughlinePlugin).toBe(kafkaPlugin));

describe('the contract of plugins', async () => {
  for (const { promise, kept, detail } of await checkPlugin(() => kafkaPlugin())) {
    test(promise, () => expect(kept, detail).toBe(true));
  }
});

describe('for clients that are not known', () => {
  let captured: ReturnType<typeof captureObservability> | undefined;
  afterEach(() => captured?.stop());

  test('without observability handlers simply run', async () => {
    const headers = { source: 'shop' };
    expect(injectHeaders(headers)).toBe(headers);
    expect(injectHeaders()).toEqual({});
    expect(runWithMessage({ topic: 'orders' }, ({ topic }) => topic)).toBe('orders');
    const values: unknown[] = [];
    await forEachMessage([{ value: 1 }, { value: 2 }], ({ value }) => values.push(value));
    expect(values).toEqual([1, 2]);
  });

  test('a message continues the trace that its headers were given, whatever its handler does', async () => {
    captured = captureObservability({ plugins: [kafkaPlugin()] });
    const { headers, producer } = withSpan('publish', (span) => ({
      headers: injectHeaders({ source: 'shop' }),
      producer: span.spanContext(),
    }));
    const message = {
      topic: 'orders',
      partition: 2,
      offset: 5n,
      key: 'k',
      value: null,
      headers,
      groupId: 'g',
    };
    const active = () => trace.getActiveSpan()?.spanContext().traceId;
    expect(runWithMessage(message, active)).toBe(producer.traceId);
    expect(await runWithMessage(message, async () => active())).toBe(producer.traceId);
    const failure = new TypeError('bad');
    expect(() =>
      runWithMessage(message, () => {
        throw failure;
      }),
    ).toThrow(failure);
    await expect(runWithMessage(message, () => Promise.reject(failure))).rejects.toBe(failure);
    await captured.observability.flush();
    const processed = captured.spans.filter((span) => span.name === 'process orders');
    expect(processed.map((span) => span.attributes['error.type'])).toEqual([
      undefined,
      undefined,
      'TypeError',
      'TypeError',
    ]);
    expect(processed[0]?.attributes).toMatchObject({
      'messaging.kafka.offset': 5,
      'messaging.kafka.message.tombstone': true,
      'messaging.consumer.group.name': 'g',
    });
  });
});

test('forEachMessage asks for a heartbeat after each slow handler, and not after each quick one', async () => {
  let nowMillis = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMillis);
  const after: string[] = [];
  let resolved = '';
  try {
    const messages = Array.from({ length: 6 }, (_, offset) => ({ offset: String(offset) }));
    await forEachMessage(
      {
        batch: { topic: 'orders', partition: 0, messages },
        resolveOffset(offset: string) {
          resolved = offset;
        },
        async heartbeat() {
          after.push(resolved);
        },
        isRunning: () => true,
        isStale: () => false,
      },
      ({ offset }) => {
        if (offset === '3' || offset === '4') nowMillis += 1_000;
      },
    );
  } finally {
    clock.mockRestore();
  }
  expect(after).toEqual(['0', '3', '4']);
  expect(resolved).toBe('5');
});
