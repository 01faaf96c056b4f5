/*
 * What the reader of an example has: a service, its clients, and Throughline's names where an example does not import
 * them. Only examples see these globals (packages/core/src/examples.test.ts).
 */
import type * as bullmq from '@throughline/bullmq';
import type * as core from '@throughline/core';
import type * as plugin from '@throughline/core/plugin';
import type * as testing from '@throughline/core/testing';
import type * as db from '@throughline/db';
import type * as expressPackage from '@throughline/express';
import type * as fastifyPackage from '@throughline/fastify';
import type * as hono from '@throughline/hono';
import type * as kafka from '@throughline/kafka';
import type * as koa from '@throughline/koa';
import type * as nats from '@throughline/nats';
import type * as profiles from '@throughline/profiles';
import type * as rabbitmq from '@throughline/rabbitmq';
import type * as sqsPackage from '@throughline/sqs';

type Handler = (
  request: import('node:http').IncomingMessage,
  response: import('node:http').ServerResponse,
) => void;

declare global {
  const initObservability: typeof core.initObservability;
  const getObservability: typeof core.getObservability;
  const logger: typeof core.logger;
  const correlate: typeof core.correlate;
  const withSpan: typeof core.withSpan;
  const traced: typeof core.traced;
  const annotate: typeof core.annotate;
  const observeJob: typeof core.observeJob;
  const observedJob: typeof core.observedJob;
  const counter: typeof core.counter;
  const gauge: typeof core.gauge;
  const histogram: typeof core.histogram;
  const defineContract: typeof core.defineContract;
  const ObservabilityError: typeof core.ObservabilityError;
  const observability: core.Observability;
  type ObservabilityPlugin = plugin.ObservabilityPlugin;
  type PluginContext = plugin.PluginContext;
  const captureObservability: typeof testing.captureObservability;
  const checkPlugin: typeof testing.checkPlugin;
  const dbPlugin: typeof db.dbPlugin;
  const expressPlugin: typeof expressPackage.expressPlugin;
  const fastifyPlugin: typeof fastifyPackage.fastifyPlugin;
  const koaPlugin: typeof koa.koaPlugin;
  const honoPlugin: typeof hono.honoPlugin;
  const bullmqPlugin: typeof bullmq.bullmqPlugin;
  const connection: { subscribe(subject: string): AsyncIterable<{ readonly data: Uint8Array }> };
  const rabbitmqPlugin: typeof rabbitmq.rabbitmqPlugin;
  const sqsPlugin: typeof sqsPackage.sqsPlugin;
  const profilesPlugin: typeof profiles.profilesPlugin;
  const sqs: { send(command: object): Promise<{ Messages?: { Body?: string; ReceiptHandle?: string }[] }> };
  const ReceiveMessageCommand: new (input: object) => object;
  const DeleteMessageCommand: new (input: object) => object;
  const QueueUrl: string;
  const channel: {
    get(queue: string): Promise<false | { readonly content: { toString(): string } }>;
    ack(message: object): void;
    nack(message: object): void;
  };
  const kafkaPlugin: typeof kafka.kafkaPlugin;
  const forEachMessage: typeof kafka.forEachMessage;
  const runWithMessage: typeof kafka.runWithMessage;
  const injectHeaders: typeof kafka.injectHeaders;

  interface Order {
    readonly id: string;
  }
  interface Message {
    readonly topic: string;
    readonly value: Uint8Array | null;
  }
  const order: Order;
  const error: Error;
  const port: number;
  const value: Uint8Array;
  const queue: readonly unknown[];
  const request: import('node:http').IncomingMessage;
  const server: import('node:http').Server;
  const pool: { query(text: string): Promise<unknown> };
  const payments: { charge(order: Order): Promise<{ readonly receipt: string }> };
  const provider: typeof payments;
  const assert: typeof import('node:assert/strict');
  const test: (name: string, run: () => void) => void;
  const express: object;
  const pg: typeof import('pg');
  const pino: typeof import('pino').pino;
  const ConsoleLogger: typeof import('@nestjs/common').ConsoleLogger;
  const app: {
    get(path: string, handler: Handler): void;
    use(path: string, handler: Handler): void;
    useLogger(logger: import('@nestjs/common').LoggerService): void;
  };
  const consumer: import('kafkajs').Consumer;
  const stream: AsyncIterable<Message>;
  const ownClient: {
    publish(topic: string, message: object): Promise<void>;
    subscribe(topic: string, handle: (message: Message) => unknown): void;
  };
  const NatsInstrumentation: new () => import('@opentelemetry/instrumentation').Instrumentation;
  const MySQL2Instrumentation: new (options?: {
    maskStatement?: boolean;
  }) => import('@opentelemetry/instrumentation').Instrumentation;
  function render(): Promise<void>;
  function loadCache(): Promise<void>;
  function store(value: unknown): Promise<void>;
  function makeThumbnail(key: string): Promise<void>;
  function runJob(): Promise<void>;
  function sendReport(): Promise<void>;
  function importPrices(): Promise<void>;
  const account: { readonly tenant: string };
  const cart: readonly unknown[];
  const cron: { schedule(expression: string, task: () => unknown): void };
  const Cron: (expression: string) => core.TracedDecorator;
  function natsPlugin(options?: nats.NatsPluginOptions): plugin.ObservabilityPlugin;
  function amqplibPlugin(): plugin.ObservabilityPlugin;
}
