import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { rabbitmqHint } from '@throughline/testbed/rabbitmq';
import type * as amqplib from 'amqplib';
import type * as callbackApi from 'amqplib/callback_api';
import { expect, inject, test } from 'vitest';

export { requireMadeUp } from '@throughline/testbed/made-up-package';
export { signal } from '@throughline/testbed/signal';

export type Amqplib = typeof amqplib;

/** The broker of this test run; where there is none, one line has said so, and in CI a test fails. */
export const url = inject('rabbitmqUrl');
export const hasBroker = url !== '';
if (!hasBroker && process.env.CI) {
  test('RabbitMQ is there', () => expect(url, rabbitmqHint).not.toBe(''));
}

const require = createRequire(import.meta.url);

/** The installed version of this name: `amqplib-1`. */
export const load = (name: string): Amqplib => require(name);
export const loadCallbackApi = (name: string): typeof callbackApi => require(`${name}/callback_api`);
/** A file of amqplib that it does not export. */
export const loadInner = (name: string, file: string) => require(`${require.resolve(name)}/../lib/${file}`);

/** A name that no other test has. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}

const closes: (() => unknown)[] = [];

/** For afterEach. */
export async function closeAll(): Promise<void> {
  for (const close of closes.splice(0).reverse()) await close();
}

export function closeLater(close: () => unknown): void {
  closes.push(close);
}

/** A connection that ends with the test. */
export async function connect({ connect }: Amqplib = load('amqplib')): Promise<amqplib.ChannelModel> {
  const connection = await connect(url);
  // Without a listener, an error would end the process.
  connection.on('error', () => {});
  closes.push(() => connection.close().catch(() => {}));
  return connection;
}

/** A queue that goes away when its connection closes. */
export async function newQueue(channel: amqplib.Channel, name = uniqueName('queue')): Promise<string> {
  await channel.assertQueue(name, { exclusive: true });
  return name;
}
