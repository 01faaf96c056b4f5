import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { ObservabilityError } from '../model/errors.js';
import { errorReason } from '../model/foreign-error.js';
import { page } from '../model/pages.js';

const instrumentationPackage =
  /^(?:@opentelemetry\/instrumentation-|@[^/]+\/(?:otel|instrumentation)$|.*-instrumentation$)/;

/** What Throughline records itself in every service. */
const recordedByCore = ['http', 'undici', 'grpc', 'aws-sdk', 'graphql', 'winston', 'pino', 'bunyan'];

/** What a plugin records, by its name: two would make two spans for each call. */
const recordedByPlugin: Readonly<Record<string, readonly string[]>> = {
  express: ['express', 'router'],
  fastify: ['fastify'],
  koa: ['koa'],
  db: ['pg', 'mysql2', 'ioredis', 'redis', 'redis-4', 'mongodb'],
  kafka: ['kafkajs'],
  rabbitmq: ['amqplib'],
};

/**
 * Makes the stock instrumentations that a service's package.json names among its dependencies, each with its defaults.
 *
 * @param plugins names of the plugins of the service; what they record is left out
 */
export function loadInstalledInstrumentations(
  folder: string,
  plugins: readonly string[],
  report: (error: ObservabilityError) => void,
): readonly Instrumentation[] {
  const covered = new Set(
    [...recordedByCore, ...plugins.flatMap((plugin) => recordedByPlugin[plugin] ?? [])].map(
      (name) => `@opentelemetry/instrumentation-${name}`,
    ),
  );
  if (plugins.includes('fastify')) covered.add('@fastify/otel');
  const load = createRequire(join(folder, 'package.json'));
  return dependenciesOf(folder)
    .filter((name) => instrumentationPackage.test(name) && !covered.has(name))
    .flatMap((name) => {
      try {
        const made = classesOf(load(name)).map((Class) => new Class());
        if (made.length === 0) throw new Error("it exports no class whose name ends in 'Instrumentation'");
        return made;
      } catch (cause) {
        report(
          new ObservabilityError(
            'OBS_INSTRUMENTATION_FAILED',
            `The installed instrumentation '${name}' could not be loaded: ${errorReason(cause)}.`,
            {
              cause,
              fix: `Install a version of ${name} that depends on @opentelemetry/instrumentation 0.223 (${page('instrumentations.md')} lists them), or remove it.`,
            },
          ),
        );
        return [];
      }
    });
}

function dependenciesOf(folder: string): string[] {
  try {
    const { dependencies, optionalDependencies } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    );
    return Object.keys({ ...optionalDependencies, ...dependencies }).sort();
  } catch {
    return [];
  }
}

type InstrumentationClass = new () => Instrumentation;

function classesOf(moduleExports: unknown): InstrumentationClass[] {
  const found = new Set<InstrumentationClass>();
  for (const [name, value] of Object.entries(moduleExports as object)) {
    if (typeof value !== 'function' || !/Instrumentation$/.test(name)) continue;
    if (typeof value.prototype?.enable === 'function') found.add(value as InstrumentationClass);
  }
  return [...found];
}
