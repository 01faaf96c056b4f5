import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientKafka,
  EventPattern,
  type KafkaOptions,
  MessagePattern,
  Transport,
} from '@nestjs/microservices';
import { logger, withSpan } from '@throughline/core';
import { captureObservability } from '@throughline/core/testing';
import { logLevel } from 'kafkajs';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { brokers, hasBroker, newTopic, signal, uniqueName } from '../../test/parts/kafka.js';
import { kafkaPlugin } from '../index.js';

type DecoratedMethod = 'viewed' | 'count';

describe.skipIf(!hasBroker)('NestJS microservices', () => {
  test('events and requests with replies are one trace each', async () => {
    const captured = captureObservability({ plugins: [kafkaPlugin()] });
    const [events, requests] = [await newTopic(), await newTopic()];
    await newTopic(`${requests}.reply`);
    const viewed = signal();

    class Views {
      viewed() {
        logger.info('viewed');
        viewed.fire();
      }
      count() {
        return withSpan('count', () => 7);
      }
    }
    class App {}
    const decorate = (decorator: MethodDecorator, method: DecoratedMethod) =>
      decorator(
        Views.prototype,
        method,
        Object.getOwnPropertyDescriptor(Views.prototype, method) as PropertyDescriptor,
      );
    decorate(EventPattern(events) as MethodDecorator, 'viewed');
    decorate(MessagePattern(requests), 'count');
    Controller()(Views);
    Module({ controllers: [Views] })(App);

    const client = { clientId: 'nest', brokers, logLevel: logLevel.NOTHING };
    const options: KafkaOptions = {
      transport: Transport.KAFKA,
      options: { client, consumer: { groupId: uniqueName('group') }, subscribe: { fromBeginning: true } },
    };
    const app = await NestFactory.createMicroservice(App, { ...options, logger: false });
    await app.listen();
    const sender = new ClientKafka({ client, consumer: { groupId: uniqueName('group') } });
    sender.subscribeToResponseOf(requests);
    await sender.connect();

    await withSpan('emit', () => lastValueFrom(sender.emit(events, { id: 7 })));
    await viewed.fired;
    expect(await withSpan('ask', () => firstValueFrom(sender.send(requests, { id: 7 })))).toBe('7');
    await Promise.all([sender.close(), app.close()]);
    await captured.observability.flush();

    const named = (name: string) => captured.spans.find((span) => span.name === name);
    const chain = ['emit', `send ${events}`, `process ${events}`];
    const request = ['ask', `send ${requests}`, `process ${requests}`, 'count'];
    for (const names of [chain, request]) {
      const parents = names.map((name) => named(name)?.parentSpanContext?.spanId);
      expect(parents.slice(1)).toEqual(names.slice(0, -1).map((name) => named(name)?.spanContext().spanId));
    }
    expect(captured.logLines.find((line) => line.message === 'viewed')).toMatchObject({
      trace_id: named('emit')?.spanContext().traceId,
      topic: events,
    });
    await captured.stop();
  });
});
