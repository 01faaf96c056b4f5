import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientRMQ, EventPattern, MessagePattern, type RmqOptions, Transport } from '@nestjs/microservices';
import { logger, withSpan } from '@throughline/core';
import { captureObservability } from '@throughline/core/testing';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { hasBroker, signal, uniqueName, url } from '../test/parts/rabbitmq.js';
import { rabbitmqPlugin } from './index.js';

describe.skipIf(!hasBroker)('NestJS microservices', () => {
  test('events and requests with replies are one trace each', async () => {
    const captured = captureObservability({ plugins: [rabbitmqPlugin()] });
    const queue = uniqueName('nest');
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
    const decorate = (decorator: MethodDecorator, method: 'viewed' | 'count') =>
      decorator(
        Views.prototype,
        method,
        Object.getOwnPropertyDescriptor(Views.prototype, method) as PropertyDescriptor,
      );
    decorate(EventPattern('viewed') as MethodDecorator, 'viewed');
    decorate(MessagePattern('count'), 'count');
    Controller()(Views);
    Module({ controllers: [Views] })(App);

    const options: RmqOptions = {
      transport: Transport.RMQ,
      options: { urls: [url], queue, queueOptions: { durable: false, autoDelete: true } },
    };
    const app = await NestFactory.createMicroservice(App, { ...options, logger: false });
    await app.listen();
    const sender = new ClientRMQ(options.options ?? {});
    await sender.connect();

    await withSpan('emit', () => lastValueFrom(sender.emit('viewed', { id: 7 })));
    await viewed.fired;
    expect(await withSpan('ask', () => firstValueFrom(sender.send('count', { id: 7 })))).toBe(7);
    // Nest rejects a reply that is not confirmed when it closes, and nobody handles that.
    await captured.waitForSpan(({ name }) => name === 'send amq.rabbitmq.reply-to');
    await Promise.all([sender.close(), app.close()]);
    await captured.observability.flush();

    const idsOf = (name: string) =>
      captured.spans.filter((span) => span.name === name).map((span) => span.spanContext().spanId);
    const parentsOf = (name: string) =>
      captured.spans
        .filter((span) => span.name === name)
        .map(({ parentSpanContext }) => parentSpanContext?.spanId);
    const sends = idsOf(`send ${queue}`);
    expect(parentsOf(`send ${queue}`)).toEqual([...idsOf('emit'), ...idsOf('ask')]);
    expect(parentsOf(`process ${queue}`)).toEqual(sends);
    expect(parentsOf('count')).toEqual([idsOf(`process ${queue}`)[1]]);
    // The reply goes back to the one who asked.
    expect(parentsOf('process amq.rabbitmq.reply-to')).toEqual(idsOf('send amq.rabbitmq.reply-to'));
    const line = captured.logLines.find(({ message }) => message === 'viewed');
    expect(line).toMatchObject({ queue, span_id: idsOf(`process ${queue}`)[0] });
    await captured.stop();
  });
});
