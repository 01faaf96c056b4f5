import assert from 'node:assert/strict';
import {
  type Span as ApiSpan,
  type Attributes,
  context,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { ObservabilityPlugin } from '../plugin/plugin.js';
import type { CapturedObservability } from './capture.js';
import {
  assertTakenBack,
  type CapturedSpan,
  errorFacts,
  seriesValue,
  spanId,
  spansUnder,
} from './request-under-test.js';
import type { RunTest } from './run-test.js';
import { testOfSuite } from './test-of-suite.js';

/** A client of a broker, as {@link testMessagingClient} needs it: real, and connected to a real broker. */
export interface TestedMessagingClient {
  /** `messaging.system`. */
  readonly system: string;
  /** Makes the plugin, as a service does. */
  plugin(): ObservabilityPlugin;
  /** Makes a new topic or queue and returns its name. */
  createDestination(): Promise<string>;
  /** Connects a new producer. */
  connectProducer(): Promise<TestedProducer>;
  /**
   * Starts a consumer whose handler gets all messages of a destination one after the other, from the first one on.
   * If the handler rejects, the error must reach the client, like an error that a handler of the service throws.
   */
  consume(destination: string, handler: (message: TestedMessage) => Promise<void>): Promise<TestedConsumer>;
  /** Attributes of the span `send <destination>` in addition to those that every client records. */
  readonly sendAttributes?: Attributes;
  /**
   * Names of spans below `send <destination>` that core records for the calls of a client that uses HTTP or gRPC. Default:
   * none
   */
  readonly callsBelowSend?: readonly string[];
  /** Attributes of the span `process <destination>` in addition to those that every client records. */
  readonly processAttributes?: Attributes;
  /**
   * What the plugin replaces while it is on: methods of prototypes, or whether a channel has subscribers. The entries
   * are compared before, while it is on, and after.
   *
   * For example `() => [Producer.prototype.send, hasSubscribers('acme:receive')]`.
   */
  patched(): readonly unknown[];
}

/** A message as a handler gets it. The values of its headers are strings. */
export interface TestedMessage {
  /** The message itself, as text. */
  readonly value: string;
  /** By name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A producer that is connected. */
export interface TestedProducer {
  /** Sends one message and waits until the broker has it, or rejects. */
  send(destination: string, message: TestedMessage): Promise<unknown>;
  /**
   * Sends one message that the client or the broker refuses: it rejects or throws, and its span
   * `send <destination>` ends.
   *
   * @returns never; it throws the client's own error
   */
  sendRefused(): Promise<unknown>;
  /** Disconnects it. */
  close(): unknown;
}

/** A consumer that is running. */
export interface TestedConsumer {
  /** `messaging.consumer.group.name`, for systems that have groups. */
  readonly group?: string;
  /** Disconnects it, when the handler that is running has ended. */
  close(): unknown;
}

/**
 * Declares the tests that every plugin for a messaging client must pass: one trace from sending to processing, with
 * the metrics; headers and baggage; errors of producers and handlers; switching off and on again; and that shutdown
 * removes everything. Each test starts observability itself, so the test file must not start it. Assertions are those of
 * `node:assert`.
 *
 * @param test the function `test` or `it` of any test runner
 *
 * @example
 * import { describe, test } from 'node:test';
 * import { testMessagingClient } from '@throughline/core/testing';
 * import { acmeBroker } from './acme-subject.js';
 *
 * describe('acme-mq', () => testMessagingClient(test, acmeBroker));
 */
export function testMessagingClient(test: RunTest, client: TestedMessagingClient): void {
  const { system } = client;
  const { name: pluginName } = client.plugin();

  /** A test with its clients and observability, which end with it. */
  function promise(name: string, run: (o: MessagingTest) => Promise<void>): void {
    testOfSuite(test, name, ({ start, closing }) =>
      run({
        start: (plugins) => start(() => client.plugin(), plugins),
        async producer() {
          const producer = await client.connectProducer();
          closing(() => producer.close());
          return producer;
        },
        async consumer(destination, handler = async () => {}) {
          const inbox = new Inbox();
          const consumer = await client.consume(destination, async (message) => {
            try {
              await handler(message);
            } finally {
              inbox.add(message);
            }
          });
          closing(() => consumer.close());
          return { group: consumer.group, received: (count) => inbox.first(count) };
        },
      }),
    );
  }

  promise('sending and processing are one trace by the semantic conventions, with metrics', async (o) => {
    const captured = o.start();
    const destination = await client.createDestination();
    const producer = await o.producer();
    const [send, ...others] = await spansUnder(
      captured,
      () => producer.send(destination, plain('a')),
      client.callsBelowSend,
    );
    assert.deepEqual(others, []);
    assert.ok(send, 'sending made no span');
    const { group, received } = await o.consumer(destination);
    await received(1);
    const process = await captured.waitForSpan(({ name }) => name === `process ${destination}`);
    assert.equal(process.parentSpanContext?.spanId, spanId(send));
    assert.equal(process.spanContext().traceId, send.spanContext().traceId);

    const common = { 'messaging.system': system, 'messaging.destination.name': destination };
    assert.equal(send.name, `send ${destination}`);
    assert.equal(send.kind, SpanKind.PRODUCER);
    assertAttributes(send, {
      ...common,
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      ...client.sendAttributes,
    });
    assert.equal(process.kind, SpanKind.CONSUMER);
    assertAttributes(process, {
      ...common,
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      ...(group === undefined ? {} : { 'messaging.consumer.group.name': group }),
      ...client.processAttributes,
    });
    for (const { status } of [send, process]) assert.equal(status.code, SpanStatusCode.UNSET);

    const label = `messaging_destination_name="${destination}"`;
    for (const [metric, ...labels] of [
      ['messaging_client_sent_messages_total'],
      ['messaging_client_consumed_messages_total'],
      ['messaging_process_duration_seconds_count', 'messaging_operation_name="process"'],
      ['messaging_message_age_seconds_count'],
    ] as const) {
      assert.equal(await seriesValue(captured, metric, label, ...labels), 1, metric);
    }
    const metrics = await captured.metrics();
    for (const span of [send, process]) {
      assert.ok(
        metrics.includes(`span_id="${spanId(span)}"`),
        `${span.name} is not an exemplar of any metric`,
      );
    }
  });

  promise(
    'what a handler does is below the span of its message, with the baggage of the producer',
    async (o) => {
      const captured = o.start();
      const destination = await client.createDestination();
      const producer = await o.producer();
      const baggage = propagation.createBaggage({ tenant: { value: 'acme' } });
      await context.with(propagation.setBaggage(context.active(), baggage), () =>
        producer.send(destination, plain('a')),
      );
      const seen: { tenant?: string | undefined; before?: ApiSpan | undefined; after?: ApiSpan | undefined } =
        {};
      const { received } = await o.consumer(destination, async () => {
        seen.tenant = propagation.getActiveBaggage()?.getEntry('tenant')?.value;
        seen.before = trace.getActiveSpan();
        await new Promise(setImmediate);
        seen.after = trace.getActiveSpan();
        captured.observability.logger.info('handled');
      });
      await received(1);
      const process = await captured.waitForSpan(({ name }) => name === `process ${destination}`);
      assert.equal(seen.tenant, 'acme');
      for (const span of [seen.before, seen.after]) assert.equal(span?.spanContext().spanId, spanId(process));
      const line = captured.logLines.find(({ message }) => message === 'handled');
      assert.equal(line?.trace_id, process.spanContext().traceId);
      assert.equal(line?.span_id, spanId(process));
    },
  );

  promise('headers arrive as they were sent, and the object of the service stays as it is', async (o) => {
    o.start();
    const destination = await client.createDestination();
    const producer = await o.producer();
    const headers = Object.freeze({ source: 'shop' });
    await producer.send(destination, Object.freeze({ value: 'a', headers }));
    await producer.send(destination, { value: 'b', headers });
    assert.deepEqual(headers, { source: 'shop' });
    const { received } = await o.consumer(destination);
    const messages = await received(2);
    assert.deepEqual(
      messages.map(({ value }) => value),
      ['a', 'b'],
    );
    const parents = messages.map((message) => message.headers.traceparent);
    for (const message of messages) assert.equal(message.headers.source, 'shop');
    for (const parent of parents) assert.match(parent ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    assert.notEqual(parents[0], parents[1]);
  });

  promise('a context that the service has put into the headers stays, and is linked to', async (o) => {
    const captured = o.start();
    const destination = await client.createDestination();
    const producer = await o.producer();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const [send] = await spansUnder(
      captured,
      () => producer.send(destination, { value: 'a', headers: { traceparent } }),
      client.callsBelowSend,
    );
    const { received } = await o.consumer(destination);
    const [message] = await received(1);
    assert.equal(message?.headers.traceparent, traceparent);
    assert.equal(send?.links[0]?.context.spanId, 'b7ad6b7169203331');
    const process = await captured.waitForSpan(({ name }) => name === `process ${destination}`);
    assert.equal(process.parentSpanContext?.spanId, 'b7ad6b7169203331');
  });

  promise('what a handler throws is on span and metric', async (o) => {
    const captured = o.start();
    const destination = await client.createDestination();
    const producer = await o.producer();
    await producer.send(destination, plain('a'));
    class OutOfStock extends Error {
      override name = 'OutOfStock';
    }
    let attempts = 0;
    await o.consumer(destination, async () => {
      if (++attempts === 1) throw new OutOfStock('none left');
    });
    const process = await captured.waitForSpan(({ name }) => name === `process ${destination}`);
    assert.equal(process.status.code, SpanStatusCode.ERROR);
    assert.equal(process.attributes['error.type'], 'OutOfStock');
    assert.deepEqual(
      process.events.map(({ name }) => name),
      ['exception'],
    );
    assert.equal(
      await seriesValue(
        captured,
        'messaging_process_duration_seconds_count',
        `messaging_destination_name="${destination}"`,
        'error_type="OutOfStock"',
      ),
      1,
    );
  });

  promise('a send that fails is on span and metric, and its error is the same for the service', async (o) => {
    const unobserved = await o.producer();
    const expected = await errorFacts(() => unobserved.sendRefused());
    const captured = o.start();
    const producer = await o.producer();
    assert.deepEqual(await errorFacts(() => producer.sendRefused()), expected);
    const send = await captured.waitForSpan(({ name }) => name.startsWith('send '));
    assert.equal(send.status.code, SpanStatusCode.ERROR);
    const type = send.attributes['error.type'];
    assert.ok(type, 'the span has no error.type');
    const label = `messaging_destination_name="${send.attributes['messaging.destination.name']}"`;
    assert.equal(
      await seriesValue(captured, 'messaging_client_sent_messages_total', label, `error_type="${type}"`),
      1,
    );
  });

  promise('producers and consumers survive that the plugin is switched off and on again', async (o) => {
    const captured = o.start();
    const destination = await client.createDestination();
    const before = await o.producer();
    const { received } = await o.consumer(destination);
    const both = [`process ${destination}`, `send ${destination}`];
    let sent = 0;
    const spans = async (producer: TestedProducer) => {
      captured.reset();
      await producer.send(destination, plain(String(sent)));
      await received(++sent);
      // The span ends after its handler has.
      await new Promise(setImmediate);
      await captured.observability.flush();
      return captured.spans
        .map(({ name }) => name)
        .filter((name) => both.includes(name))
        .toSorted();
    };
    for (let round = 0; round < 2; round++) {
      assert.deepEqual(await spans(before), both);
      captured.observability.setPluginEnabled(pluginName, false);
      assert.deepEqual(await spans(before), []);
      const meanwhile = await o.producer();
      assert.deepEqual(await spans(meanwhile), []);
      captured.observability.setPluginEnabled(pluginName, true);
      for (const producer of [before, meanwhile, await o.producer()]) {
        assert.deepEqual(await spans(producer), both);
      }
    }
  });

  promise('two plugins record a message once', async (o) => {
    const captured = o.start(2);
    const destination = await client.createDestination();
    const producer = await o.producer();
    await producer.send(destination, plain('a'));
    const { received } = await o.consumer(destination);
    await received(1);
    await captured.waitForSpan(({ name }) => name === `process ${destination}`);
    await captured.observability.flush();
    for (const name of [`send ${destination}`, `process ${destination}`]) {
      assert.equal(captured.spans.filter((span) => span.name === name).length, 1, name);
    }
  });

  promise('after shutdown nothing is left of the plugin, also not in the headers of messages', async (o) => {
    const before = client.patched();
    const captured = o.start();
    const destination = await client.createDestination();
    const producer = await o.producer();
    await producer.send(destination, plain('a'));
    const during = client.patched();
    await captured.stop();
    assertTakenBack(before, during, client.patched());
    await producer.send(destination, plain('b'));
    const { received } = await o.consumer(destination);
    const [first, second] = await received(2);
    assert.ok(first?.headers.traceparent);
    assert.equal(second?.headers.traceparent, undefined);
  });
}

/** What a test of the suite has. */
interface MessagingTest {
  start(plugins?: number): CapturedObservability;
  producer(): Promise<TestedProducer>;
  consumer(
    destination: string,
    handler?: (message: TestedMessage) => Promise<void>,
  ): Promise<{ group: string | undefined; received(count: number): Promise<readonly TestedMessage[]> }>;
}

const plain = (value: string): TestedMessage => ({ value, headers: {} });

/** Messages that were handled, to be waited for. */
class Inbox {
  private readonly messages: TestedMessage[] = [];
  private readonly waiting = new Set<() => void>();

  add(message: TestedMessage): void {
    this.messages.push(message);
    for (const look of this.waiting) look();
  }

  first(count: number): Promise<readonly TestedMessage[]> {
    return new Promise((resolve) => {
      const look = () => {
        if (this.messages.length < count) return;
        this.waiting.delete(look);
        resolve(this.messages.slice(0, count));
      };
      this.waiting.add(look);
      look();
    });
  }
}

/** Those that are expected; a client may say more. */
function assertAttributes(span: CapturedSpan, expected: Attributes): void {
  const actual = Object.fromEntries(Object.keys(expected).map((name) => [name, span.attributes[name]]));
  assert.deepEqual(actual, expected);
}
