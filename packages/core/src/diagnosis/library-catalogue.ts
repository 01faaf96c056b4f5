/** A library that one of Throughline's plugins records. */
export interface PluginLibrary {
  readonly plugin: string;
  /** The package and the function that make the plugin. */
  readonly from: string;
  readonly call: string;
}

const express: PluginLibrary = { plugin: 'express', from: '@throughline/express', call: 'expressPlugin()' };
const fastify: PluginLibrary = { plugin: 'fastify', from: '@throughline/fastify', call: 'fastifyPlugin()' };
const koa: PluginLibrary = { plugin: 'koa', from: '@throughline/koa', call: 'koaPlugin()' };
const hono: PluginLibrary = { plugin: 'hono', from: '@throughline/hono', call: 'honoPlugin()' };
const db: PluginLibrary = { plugin: 'db', from: '@throughline/db', call: 'dbPlugin()' };
const kafka: PluginLibrary = { plugin: 'kafka', from: '@throughline/kafka', call: 'kafkaPlugin()' };
const bullmq: PluginLibrary = { plugin: 'bullmq', from: '@throughline/bullmq', call: 'bullmqPlugin()' };
const rabbitmq: PluginLibrary = {
  plugin: 'rabbitmq',
  from: '@throughline/rabbitmq',
  call: 'rabbitmqPlugin()',
};

/** By the name of the package in the module cache. */
export const pluginLibraries: Readonly<Record<string, PluginLibrary>> = {
  express,
  fastify,
  koa,
  hono,
  pg: db,
  mysql2: db,
  ioredis: db,
  '@redis/client': db,
  mongodb: db,
  kafkajs: kafka,
  '@confluentinc/kafka-javascript': kafka,
  'node-rdkafka': kafka,
  bullmq,
  amqplib: rabbitmq,
};

/** Packages that bring a library along, so that the package.json of the service does not name the library itself. */
export const broughtBy: Readonly<Record<string, readonly string[]>> = {
  '@redis/client': ['redis'],
  amqplib: ['amqp-connection-manager'],
  express: ['@nestjs/platform-express'],
  fastify: ['@nestjs/platform-fastify'],
  mongodb: ['mongoose'],
  pg: ['pg-pool', 'pg-promise', 'slonik'],
};

/** Libraries that are recorded through diagnostics channels, without a patch; by plugin. */
export const channelLibraries: Readonly<Record<string, string>> = { '@platformatic/kafka': 'kafka' };

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
