import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { rabbitmqHint } from '@throughline/testbed/rabbitmq';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import type * as amqplib from 'amqplib';
import type * as callbackApi from 'amqplib/callback_api';
import { expect, inject, test } from 'vitest';

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

/** Something that happens later, to be waited for. */
export function signal<T = void>() {
  let fire: (value: T) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const fired = new Promise<T>((resolve, reject) => {
    fire = resolve;
    fail = reject;
  });
  return { fired, fire, fail };
}
/** Loads a made-up version of a package; gives the classes that its files export. */
export function requireMadeUp(
  name: string,
  version: string,
  files: Readonly<Record<string, string>>,
): readonly { readonly prototype: object }[] {
  const folder = join(temporaryFolder(), 'node_modules', name);
  for (const [file, content] of Object.entries({
    ...files,
    'package.json': JSON.stringify({ name, version, main: 'index.js' }),
  })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  const requireIt = createRequire(join(folder, 'package.json'));
  requireIt(folder);
  return Object.keys(files).flatMap((file) => Object.values(requireIt(join(folder, file)))) as never;
}
