import { createConnection } from 'node:net';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { logger, withSpan } from '@throughline/core';
import { type CapturedObservability, captureObservability } from '@throughline/core/testing';
import { idOf, spansNamed as spansOf, traceIdOf } from '@throughline/testbed/captured-spans';
import { afterEach, describe, expect, inject, test, vi } from 'vitest';
import {
  closeAll,
  connect,
  contained,
  hasServer,
  load,
  newStream,
  requireMadeUp,
  uniqueName,
  url,
  versions,
} from '../test/parts/nats.js';
import { type NatsPluginOptions, natsPlugin, runWithMessage } from './index.js';

let captured: CapturedObservability;
const start = (options?: NatsPluginOptions) => {
  captured = captureObservability({ plugins: [natsPlugin(options)] });
};
afterEach(async () => {
  await closeAll();
  await captured?.stop();
});

const spansNamed = (name: string, count = 1) => spansOf(captured, name, count);
const spanNamed = async (name: string) => (await spansNamed(name))[0];
const activeId = () => trace.getActiveSpan()?.spanContext().spanId;
/** One series of a metric, by all of these labels. */
const series = async (metric: string, ...labels: string[]) =>
  (await captured.metrics())
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`) && labels.every((label) => line.includes(label)))
    .map((line) => Number(/\} (\d+)/.exec(line)?.[1]));

describe.skipIf(!hasServer).each(versions)('%s', (version) => {
  const client = load(version);

  test('a subscription of before init is observed: subject without ids, queue group, log lines', async () => {
    const connection = await connect(client);
    const name = uniqueName('orders');
    const handled = vi.fn();
    connection.subscribe(`${name}.*.created`, {
      queue: 'billing',
      callback: () => {
        logger.info('handled');
        handled(activeId());
      },
    });
    await connection.flush();
    start();
    connection.publish(`${name}.4711.created`, 'ab');
    const send = await spanNamed(`send ${name}.*.created`);
    const process = await spanNamed(`process ${name}.*.created`);
    expect(process?.parentSpanContext?.spanId).toBe(idOf(send));
    expect(handled.mock.calls).toEqual([[idOf(process)]]);
    for (const span of [send, process]) {
      expect(span?.attributes).toMatchObject({
        'messaging.system': 'nats',
        'messaging.nats.subject': `${name}.4711.created`,
        'messaging.message.body.size': 2,
        'server.address': '127.0.0.1',
      });
    }
    expect(process?.attributes).toMatchObject({
      'messaging.consumer.group.name': 'billing',
      'messaging.destination.template': `${name}.*.created`,
    });
    expect(captured.logLines.find(({ message }) => message === 'handled')).toMatchObject({
      subject: `${name}.4711.created`,
      queue: 'billing',
      span_id: idOf(process),
    });
    expect(await captured.metrics()).not.toContain('4711');
  });

  test('a request, its handler and the answer are one trace, and the inbox is one name', async () => {
    start();
    const connection = await connect(client);
    const subject = uniqueName('sum');
    connection.subscribe(subject, { callback: (_, message) => void message.respond('3') });
    for (const noMux of [false, true]) {
      captured.reset();
      const answer = await withSpan('request', () =>
        connection.request(subject, '1+2', { timeout: 5_000, noMux }),
      );
      expect(answer.string()).toBe('3');
      const [outer, send, process, reply] = [
        await spanNamed('request'),
        await spanNamed(`send ${subject}`),
        await spanNamed(`process ${subject}`),
        await spanNamed('send _INBOX'),
      ];
      expect(send?.parentSpanContext?.spanId).toBe(idOf(outer));
      expect(process?.parentSpanContext?.spanId).toBe(idOf(send));
      expect(reply?.parentSpanContext?.spanId).toBe(idOf(process));
      expect(captured.spans).toHaveLength(4);
    }
  });

  test('a request that nobody answers has failed, and the error is that of the client', async () => {
    start();
    const connection = await connect(client);
    const subject = uniqueName('nobody');
    const error = await connection.request(subject, '').catch((error: unknown) => error);
    const send = await spanNamed(`send ${subject}`);
    expect(send?.status.code).toBe(SpanStatusCode.ERROR);
    expect(error).toBeInstanceOf(Error);
    expect(await series('messaging_client_sent_messages_total', subject, 'error_type=')).toEqual([1]);
  });

  test('what a connection refuses by itself has failed', async () => {
    start();
    const connection = await connect(client);
    await connection.close();
    const refusal = (subject: unknown) => {
      try {
        return connection.publish(subject as string, '');
      } catch (error) {
        return (error as Error).message;
      }
    };
    const unreadable = {
      toString() {
        throw new Error('no text');
      },
    };
    expect(refusal(unreadable)).toBe(refusal('closed'));
    expect((await spanNamed('send closed'))?.status.code).toBe(SpanStatusCode.ERROR);
  });

  test('messages of an iterator count as consumed, and runWithMessage gives their context', async () => {
    start();
    const connection = await connect(client);
    const subject = uniqueName('iterated');
    const subscription = connection.subscribe(subject, { max: 2 });
    connection.publish(subject, 'a');
    connection.publish(subject, 'b');
    const ids: unknown[] = [];
    for await (const message of subscription) {
      expect(activeId()).toBeUndefined();
      ids.push(await runWithMessage(message, async () => activeId()));
    }
    const sends = await spansNamed(`send ${subject}`, 2);
    const processes = await spansNamed(`process ${subject}`, 2);
    expect(processes.map(idOf)).toEqual(ids);
    expect(processes.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual(sends.map(idOf));
    const label = `messaging_destination_name="${subject}"`;
    expect(await series('messaging_client_consumed_messages_total', label)).toEqual([2]);
    expect(await series('messaging_process_duration_seconds_count', label)).toEqual([2]);
    expect(await series('messaging_message_age_seconds_count', label)).toEqual([2]);
  });

  test('a handler that throws or rejects: on span and metric; the error goes where it went', async () => {
    start();
    const connection = await connect(client);
    const subject = uniqueName('failing');
    const failed = vi.fn();
    connection.subscribe(subject, {
      callback: () => contained(Promise.reject(new TypeError('no')), failed) as never,
    });
    connection.publish(subject, '');
    const process = await spanNamed(`process ${subject}`);
    expect(process?.attributes['error.type']).toBe('TypeError');
    expect(failed).toHaveBeenCalledOnce();
  });

  test('JetStream: callback, iterator, fetch and next; nak and term are failures', async () => {
    start();
    const connection = await connect(client);
    const name = uniqueName('stream');
    const js = await newStream(client, connection, name);
    const consumer = await js.consumers.get(name, `${name}-worker`);
    await js.publish(`${name}.1`, 'a');
    const next = await consumer.next();
    await runWithMessage(next as object, async () => next?.nak());
    const again = await consumer.fetch({ max_messages: 1 });
    for await (const message of again) {
      runWithMessage(message, () => {
        expect(message.redelivered).toBe(true);
        message.term();
      });
    }
    const processes = await spansNamed(`process ${name}.*`, 2);
    const send = await spanNamed(`send ${name}.*`);
    expect(processes.map(({ attributes }) => attributes['error.type'])).toEqual(['nak', 'term']);
    for (const { parentSpanContext } of processes) expect(parentSpanContext?.spanId).toBe(idOf(send));
    expect(processes[0]?.attributes).toMatchObject({
      'messaging.nats.stream': name,
      'messaging.nats.stream_sequence': 1,
      'messaging.consumer.group.name': `${name}-worker`,
    });

    captured.reset();
    const messages = await consumer.consume({
      callback: (message) => {
        logger.info('handled');
        message.ack();
      },
    });
    await js.publish(`${name}.2`, 'b', { msgID: 'm-2' });
    const process = await spanNamed(`process ${name}.*`);
    await messages.close();
    expect(process?.status.code).toBe(SpanStatusCode.UNSET);
    expect(process?.attributes['messaging.message.id']).toBe('m-2');
    expect(captured.logLines.find(({ message }) => message === 'handled')).toMatchObject({
      stream: name,
      stream_sequence: 2,
      trace_id: traceIdOf(process),
    });
    // Neither acknowledgements nor requests to the server are messages of the service.
    expect(captured.spans.map((span) => span.name).filter((name) => name.includes('$JS'))).toEqual([]);
    const label = `messaging_destination_name="${name}.*"`;
    expect(await series('messaging_client_consumed_messages_total', label)).toEqual([3]);
    expect(await captured.metrics()).not.toContain('$JS');
  });

  test('an ordered consumer delivers to its iterator, and each message counts once', async () => {
    start();
    const connection = await connect(client);
    const name = uniqueName('ordered');
    const js = await newStream(client, connection, name);
    for (const value of 'abc') await js.publish(name, value);
    const consumer = await js.consumers.get(name);
    const messages = await consumer.consume();
    let count = 0;
    for await (const message of messages) {
      runWithMessage(message, () => expect(activeId()).toBeDefined());
      if (++count === 3) break;
    }
    await spansNamed(`process ${name}`, 3);
    expect(
      await series('messaging_client_consumed_messages_total', `messaging_destination_name="${name}"`),
    ).toEqual([3]);
  });

  test('a message that JetStream refuses has failed', async () => {
    start();
    const connection = await connect(client);
    const name = uniqueName('refusing');
    const js = await newStream(client, connection, name);
    await expect(js.publish(name, '', { expect: { lastSequence: 99 } })).rejects.toThrow('sequence');
    expect((await spanNamed(`send ${name}`))?.status.code).toBe(SpanStatusCode.ERROR);
  });

  test('a callback of JetStream that throws: on the span, and the consumer ends with the error', async () => {
    start();
    const connection = await connect(client);
    const name = uniqueName('throwing');
    const js = await newStream(client, connection, name);
    await js.publish(name, '');
    const failure = new RangeError('too many');
    const consumer = await js.consumers.get(name, `${name}-worker`);
    const messages = await consumer.consume({
      callback: () => {
        throw failure;
      },
    });
    // The oldest client does not say why.
    expect(await messages.closed()).toBe(version === 'nats-oldest' ? undefined : failure);
    expect((await spanNamed(`process ${name}`))?.attributes['error.type']).toBe('RangeError');
  });

  test('headers that the client cannot read do not keep a message from its handler', async () => {
    start();
    const connection = await connect(client);
    const subject = uniqueName('raw');
    const text = new Promise((resolve) =>
      connection.subscribe(subject, { callback: (_, message) => resolve(message.string()) }),
    );
    await connection.flush();
    const { hostname, port } = new URL(url);
    const socket = createConnection(Number(port), hostname);
    const headers = 'NATS/1.0\r\nbad\u0001 name: x\r\ntraceparent: \u0000\r\n\r\n';
    socket.write(
      `CONNECT {"headers":true,"verbose":false}\r\nHPUB ${subject} ${headers.length} ${headers.length + 1}\r\n${headers}a\r\n`,
    );
    expect(await text).toBe('a');
    socket.destroy();
    expect((await spanNamed(`process ${subject}`))?.parentSpanContext).toBeUndefined();
  });

  test('to a server without headers, messages go as they are', async () => {
    start();
    const connection = await connect(client, inject('natsUrlWithoutHeaders'));
    const subject = uniqueName('plain');
    const received = new Promise((resolve) =>
      connection.subscribe(subject, {
        callback: (_, message) => resolve([message.string(), message.headers]),
      }),
    );
    connection.publish(subject, 'a');
    expect(await received).toEqual(['a', undefined]);
    await spanNamed(`send ${subject}`);
    const process = await spanNamed(`process ${subject}`);
    expect(process?.parentSpanContext).toBeUndefined();
  });

  test('headers of the service arrive, its objects stay as they are, and hostile ones harm nobody', async () => {
    start();
    const connection = await connect(client);
    const subject = uniqueName('headers');
    const received: (readonly [string, readonly string[]])[][] = [];
    let done = () => {};
    const all = new Promise<void>((resolve) => {
      done = resolve;
    });
    connection.subscribe(subject, {
      callback: (_, message) => {
        received.push([...(message.headers ?? [])].map(([key, values]) => [key, [...values]] as const));
        if (received.length === 3) done();
      },
    });
    const headers = client.headers();
    headers.append('__proto__', 'a');
    headers.append('constructor', 'b');
    headers.append('Many', '1');
    headers.append('Many', '2');
    const before = headers.toString();
    const options = Object.freeze({ headers });
    connection.publish(subject, '', { ...options });
    expect(headers.toString()).toBe(before);
    // Libraries for Go write it so.
    const go = client.headers();
    go.set('Traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
    connection.publish(subject, '', { headers: go });
    const broken = client.headers();
    broken.set('traceparent', `00-${'x'.repeat(20_000)}`);
    broken.set('timestamp_in_ms', 'yesterday');
    connection.publish(subject, '', { headers: broken });
    await all;
    const [first, second, third] = received.map((entries) => new Map(entries));
    expect(first?.get('__proto__')).toEqual(['a']);
    expect(first?.get('constructor')).toEqual(['b']);
    expect(first?.get('Many')).toEqual(['1', '2']);
    expect(first?.get('traceparent')?.[0]).toMatch(/^00-/);
    expect(second?.has('traceparent')).toBe(false);
    expect(third?.get('timestamp_in_ms')).toEqual(['yesterday']);
    const processes = await spansNamed(`process ${subject}`, 3);
    expect(processes[1]?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
  });

  test('a message that fills the server’s limit is sent as it is', async () => {
    start();
    const connection = await connect(client);
    const subject = uniqueName('large');
    const size = connection.info?.max_payload ?? 0;
    const received = new Promise((resolve) =>
      connection.subscribe(subject, { callback: (_, { data, headers }) => resolve([data.length, headers]) }),
    );
    connection.publish(subject, new Uint8Array(size));
    expect(await received).toEqual([size, undefined]);
  });

  test('the service may name its destinations, and choose links', async () => {
    start({
      relation: 'link',
      destinationName: ({ subject, subscription }) => subscription ?? subject.slice(0, 4),
    });
    const connection = await connect(client);
    const name = uniqueName('own');
    connection.subscribe(`${name}.*`, { callback: () => {} });
    connection.publish(`${name}.alice`, '');
    const send = await spanNamed(`send ${name.slice(0, 4)}`);
    const process = await spanNamed(`process ${name}.*`);
    expect(process?.links[0]?.context.spanId).toBe(idOf(send));
    expect(traceIdOf(process)).not.toBe(traceIdOf(send));
  });
});

test('without a plugin, runWithMessage runs the handler', () => {
  expect(runWithMessage({ subject: 'a' }, ({ subject }) => subject)).toBe('a');
});

test('a newer version stays as it is, and one line says so', async () => {
  const loaded = requireMadeUp('nats', '3.99.0', {
    'lib/nats-base-client/protocol.js': 'exports.ProtocolHandler = class ProtocolHandler { publish() {} };',
    'lib/nats-base-client/nats.js': 'exports.NatsConnectionImpl = class NatsConnectionImpl { publish() {} };',
  });
  start();
  await captured.observability.ready;
  const unsupported = captured.logLines.filter(({ code }) => code === 'OBS_LIBRARY_UNSUPPORTED');
  expect(unsupported.map(({ message }) => message)).toEqual([expect.stringContaining('nats 3.99.0')]);
  for (const made of loaded) expect(Object.getOwnPropertySymbols(made.prototype)).toEqual([]);
});
