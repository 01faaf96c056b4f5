/** A library that one of Throughline's plugins records. */
export interface PluginLibrary {
  readonly plugin: string;
  /** The package and the function that make the plugin. */
  readonly from: string;
  readonly call: string;
}

const library = (name: string): PluginLibrary => ({
  plugin: name,
  from: `@throughline/${name}`,
  call: `${name}Plugin()`,
});
const db = library('db');
const kafka = library('kafka');

/** By the name of the package in the module cache. */
export const pluginLibraries: Readonly<Record<string, PluginLibrary>> = {
  express: library('express'),
  fastify: library('fastify'),
  koa: library('koa'),
  hono: library('hono'),
  pg: db,
  mysql2: db,
  ioredis: db,
  '@redis/client': db,
  mongodb: db,
  kafkajs: kafka,
  '@confluentinc/kafka-javascript': kafka,
  'node-rdkafka': kafka,
  bullmq: library('bullmq'),
  amqplib: library('rabbitmq'),
  '@aws-sdk/client-sqs': library('sqs'),
  nats: library('nats'),
  '@nats-io/nats-core': library('nats'),
};

/** Packages that bring a library along, so that the package.json of the service does not name the library itself. */
export const broughtBy: Readonly<Record<string, readonly string[]>> = {
  '@nats-io/nats-core': ['@nats-io/transport-node', '@nats-io/jetstream', '@nats-io/kv'],
  '@redis/client': ['redis'],
  amqplib: ['amqp-connection-manager'],
  '@aws-sdk/client-sqs': ['sqs-consumer', 'sqs-producer', '@ssut/nestjs-sqs'],
  express: ['@nestjs/platform-express'],
  fastify: ['@nestjs/platform-fastify'],
  mongodb: ['mongoose'],
  pg: ['pg-pool', 'pg-promise', 'slonik'],
};

/** Libraries that are recorded through diagnostics channels, without a patch; by plugin. */
export const channelLibraries: Readonly<Record<string, string>> = { '@platformatic/kafka': 'kafka' };

/** Libraries that a service may have imported as ES modules. They leave no trace in the process. */
export const importedLibraries: ReadonlySet<string> = new Set(['hono', '@koa/router']);

/** What the option `modules` of a plugin takes, for the plugins that have one. */
export const modulesOption: Readonly<Record<string, string>> = {
  express: 'expressPlugin({ modules: { express } })',
  fastify: 'fastifyPlugin({ modules: { fastify } })',
  koa: "koaPlugin({ modules: { koa: Koa, '@koa/router': Router } })",
  hono: "honoPlugin({ modules: { hono } })` with `import * as hono from 'hono'",
  db: 'dbPlugin({ modules: { pg } })',
  kafka: 'kafkaPlugin({ modules: { kafkajs } })',
  sqs: "sqsPlugin({ modules: { '@aws-sdk/client-sqs': sqs } })` with `import * as sqs from '@aws-sdk/client-sqs'",
};

/** Libraries that are ES modules from this major version on. They are not in the module cache. */
export const esModuleLibraries: Readonly<Record<string, number>> = {
  '@nestjs/common': 12,
  '@nestjs/core': 12,
};

/** Of old versions that work in another way, and that the plugin therefore does not even look for. */
export const outdatedLibraries: Readonly<
  Record<string, { readonly plugin: string; readonly below: number }>
> = { redis: { plugin: 'db', below: 4 } };

/**
 * Stock instrumentations of libraries that Throughline has no plugin for, in the last version of the line of
 * `@opentelemetry/instrumentation` that can be used: what npm installs without a version belongs to the next line.
 */
export const stockInstrumentations: Readonly<
  Record<string, { readonly package: string; readonly version: string }>
> = {
  '@hapi/hapi': { package: '@opentelemetry/instrumentation-hapi', version: '0.69.0' },
  'cassandra-driver': { package: '@opentelemetry/instrumentation-cassandra-driver', version: '0.68.0' },
  memcached: { package: '@opentelemetry/instrumentation-memcached', version: '0.66.0' },
  mysql: { package: '@opentelemetry/instrumentation-mysql', version: '0.69.0' },
  oracledb: { package: '@opentelemetry/instrumentation-oracledb', version: '0.48.0' },
  restify: { package: '@opentelemetry/instrumentation-restify', version: '0.68.0' },
  tedious: { package: '@opentelemetry/instrumentation-tedious', version: '0.42.0' },
};
