import { expect, test } from 'vitest';
import { nameOfDestination } from './destinations.js';

test.each([
  ['', 'mails', undefined, 'mails'],
  ['', 'mails', 'mails', 'mails'],
  ['', '', undefined, 'amq.default'],
  ['orders', '', undefined, 'orders'],
  ['orders', 'order.created', undefined, 'orders:order.created'],
  ['orders', 'order.created', 'billing', 'orders:order.created:billing'],
  ['orders', 'billing', 'billing', 'orders:billing'],
  ['orders', '', 'amq.gen-JzTY20BRgKO-HjmUJj0wLg', 'orders:amq.gen'],
  ['', 'amq.rabbitmq.reply-to.g1h2AA5yZXBseUAx', 'amq.rabbitmq.reply-to', 'amq.rabbitmq.reply-to'],
  ['orders', 'order.4711.created', undefined, 'orders:order.*.created'],
  ['orders', '17', undefined, 'orders:*'],
  ['orders', 'order.0AF76519-16cd-43dd-8448-eb211c80319c', undefined, 'orders:order.*'],
  ['orders', 'order.507f1f77bcf86cd799439011.paid', undefined, 'orders:order.*.paid'],
  ['orders', 'eu-west-1.v2', undefined, 'orders:eu-west-1.v2'],
])('exchange %j, routing key %j and queue %j are %j', (exchange, routingKey, queue, name) => {
  for (let again = 0; again < 2; again++) {
    expect(nameOfDestination({ exchange, routingKey, queue })).toBe(name);
  }
});

test('keys that are new each time do not fill the memory', () => {
  const seen = new Set<string>();
  for (let id = 0; id < 10_000; id++) {
    seen.add(nameOfDestination({ exchange: 'orders', routingKey: `order.${id}`, queue: undefined }));
  }
  expect([...seen]).toEqual(['orders:order.*']);
});
