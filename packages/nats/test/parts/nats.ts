import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as jetstream from '@nats-io/jetstream';
import type * as transport from '@nats-io/transport-node';
import { natsHint } from '@throughline/testbed/nats';
import { expect, inject, test } from 'vitest';

export { requireMadeUp } from '@throughline/testbed/made-up-package';

/** The server of this test run; where there is none, one line has said so, and in CI a test fails. */
export const url = inject('natsUrl');
export const hasServer = url !== '';
if (!hasServer && process.env.CI) {
  test('NATS is there', () => expect(url, natsHint).not.toBe(''));
}

const require = createRequire(import.meta.url);

/** A client by what both generations have in common. */
export interface Client {
  readonly connect: typeof transport.connect;
  readonly headers: typeof transport.headers;
  readonly createInbox: typeof transport.createInbox;
  readonly jetstream: typeof jetstream.jetstream;
  readonly jetstreamManager: typeof jetstream.jetstreamManager;
  /** A class of one of its files. */
  inner(file: string, name: string): { readonly prototype: Record<string, unknown> };
}

export const versions = ['@nats-io/transport-node', 'nats', 'nats-oldest'] as const;

export function load(version: (typeof versions)[number] = '@nats-io/transport-node'): Client {
  const client = require(version);
  if (version === '@nats-io/transport-node') {
    const js: typeof jetstream = require('@nats-io/jetstream');
    const folders = { core: '@nats-io/nats-core', js: '@nats-io/jetstream' };
    return {
      ...pick(client),
      jetstream: js.jetstream,
      jetstreamManager: js.jetstreamManager,
      inner: (file, name) =>
        require(
          require
            .resolve(file.startsWith('js') || file === 'consumer' ? folders.js : folders.core)
            .replace(/[^/]+$/, `${file}.js`),
        )[name],
    };
  }
  const folder = require.resolve(version).replace(/index\.js$/, 'lib');
  return {
    ...pick(client),
    jetstream: ((connection: { jetstream(): unknown }) => connection.jetstream()) as never,
    jetstreamManager: ((connection: { jetstreamManager(): unknown }) =>
      connection.jetstreamManager()) as never,
    inner: (file, name) =>
      require(
        `${folder}/${file.startsWith('js') || file === 'consumer' ? 'jetstream' : 'nats-base-client'}/${file}.js`,
      )[name],
  };
}

const pick = ({ connect, headers, createInbox }: Client) => ({ connect, headers, createInbox });

/** A name that no other test has. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}

const closes: (() => unknown)[] = [];

/** For afterEach. */
export async function closeAll(): Promise<void> {
  for (const close of closes.splice(0).reverse()) await close();
}

/** A connection that ends with the test. */
export async function connect(client = load(), servers = url): Promise<transport.NatsConnection> {
  const connection = await client.connect({ servers });
  closes.push(() => connection.close());
  return connection;
}

/** A stream for `<name>.>` in memory, with a durable consumer. */
export async function newStream(client: Client, connection: transport.NatsConnection, name: string) {
  const manager = await client.jetstreamManager(connection);
  await manager.streams.add({ name, subjects: [name, `${name}.>`], storage: 'memory' as never });
  await manager.consumers.add(name, { durable_name: `${name}-worker`, ack_policy: 'explicit' as never });
  return client.jetstream(connection);
}

/** Keeps a rejection from ending this process: clients have no place for the error of a handler. */
export function contained(promise: Promise<unknown>, onFailed: () => void = () => {}): never {
  return {
    // biome-ignore lint/suspicious/noThenProperty: a thenable that keeps the rejection to itself
    then: (onFulfilled: () => unknown, onRejected: (error: unknown) => unknown) =>
      promise.then(onFulfilled, async (error) => {
        onFailed();
        await Promise.resolve()
          .then(() => onRejected(error))
          .catch(() => {});
      }),
  } as never;
}
