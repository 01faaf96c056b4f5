/* Modules that examples import and that are not installed here. */
declare module '@acme/observability-contract' {
  export const contract: import('@throughline/core').Contract;
}
declare module '@opentelemetry/instrumentation-amqplib' {
  export const AmqplibInstrumentation: new (options?: {
    enabled?: boolean;
  }) => import('@opentelemetry/instrumentation').Instrumentation;
}
declare module '@opentelemetry/instrumentation-hapi' {
  export const HapiInstrumentation: new () => import('@opentelemetry/instrumentation').Instrumentation;
}
declare module '@opentelemetry/instrumentation-express' {
  export const ExpressInstrumentation: new () => import('@opentelemetry/instrumentation').Instrumentation;
}
declare module '@nestjs/core/exceptions/exceptions-handler.js';
declare module '*/server.js';
declare module '*/amqplib-plugin.js' {
  export function amqplibPlugin(): import('@throughline/core/plugin').ObservabilityPlugin;
}
declare module 'amqplib';
declare module '@aws-sdk/client-sqs';
declare module 'sqs-consumer';
declare module 'express' {
  interface Request {
    readonly params: { readonly id: string };
  }
  interface Response {
    status(code: number): Response;
    json(body: unknown): void;
  }
  interface Application {
    get(path: string, handler: (request: Request, response: Response) => unknown): void;
    listen(port: number): void;
  }
  const express: () => Application;
  export default express;
}
declare module '*/app.module.js' {
  export class AppModule {}
}
declare module 'fastify';
declare module 'koa';
declare module '@koa/router';
declare module 'hono';
declare module 'bullmq';
declare module 'pg';
declare module 'kafkajs' {
  import type { BatchPayload } from '@throughline/kafka';

  export interface Consumer {
    run(options: {
      readonly eachBatchAutoResolve?: boolean;
      readonly eachBatch: (payload: BatchPayload) => Promise<void>;
    }): Promise<void>;
  }
}
declare module 'acme-db' {
  export class Client {
    static connect(url: string): Promise<Client>;
    get(key: string): Promise<string | null>;
    call(command: string): Promise<unknown>;
    close(): Promise<void>;
  }
}
declare module '*/acme-plugin.js' {
  export function acmePlugin(options?: {
    queryText?: 'sanitized' | 'raw' | 'none';
  }): import('@throughline/core/plugin').ObservabilityPlugin;
}
declare module '*/acme-subject.js' {
  export const acmeBroker: import('@throughline/core/testing').TestedMessagingClient;
  export const acmeWeb: import('@throughline/core/testing').TestedHttpFramework;
}
