import {
  broughtBy,
  channelLibraries,
  page,
  pluginLibraries,
  stockInstrumentations,
} from '@throughline/core/internal';

/** A plugin package that the service needs, and the libraries that ask for it. */
export interface NeededPlugin {
  readonly package: string;
  readonly libraries: readonly string[];
}

/** The plugins for the libraries that the service names. */
export function neededPlugins(packages: Readonly<Record<string, string>>): NeededPlugin[] {
  const needed = new Map<string, string[]>();
  const add = (library: string, from: string) => {
    const names = [library, ...(broughtBy[library] ?? [])].filter((name) => Object.hasOwn(packages, name));
    if (names.length > 0) needed.set(from, [...(needed.get(from) ?? []), ...names]);
  };
  for (const [library, { from }] of Object.entries(pluginLibraries)) add(library, from);
  for (const [library, plugin] of Object.entries(channelLibraries)) {
    const from = Object.values(pluginLibraries).find((each) => each.plugin === plugin)?.from;
    if (from !== undefined) add(library, from);
  }
  return [...needed]
    .map(([name, libraries]) => ({ package: name, libraries: [...new Set(libraries)].sort() }))
    .sort((a, b) => (a.package < b.package ? -1 : 1));
}

const frameworks = {
  '@nestjs/core': 'NestJS',
  fastify: 'Fastify',
  koa: 'Koa',
  hono: 'Hono',
  express: 'Express',
} as const;

/** The web framework; plain `node:http` where none is named. */
export function frameworkOf(packages: Readonly<Record<string, string>>): string {
  const found =
    Object.entries(frameworks).find(([name]) => Object.hasOwn(packages, name))?.[1] ?? 'node:http';
  if (found !== 'NestJS') return found;
  return Object.hasOwn(packages, '@nestjs/platform-fastify') ? 'NestJS on Fastify' : 'NestJS on Express';
}

/** What happens to the parts of telemetry that the service has already. */
export function libraryNotes(packages: Readonly<Record<string, string>>): string[] {
  const has = (name: string) => Object.hasOwn(packages, name);
  const notes: string[] = [];
  const loggers = ['winston', 'pino', 'bunyan'].filter(has);
  if (loggers.length > 0) {
    notes.push(`${loggers.join(' and ')} stays: its lines get trace_id and span_id (${page('logs.md')}).`);
  }
  if (has('prom-client')) {
    notes.push(
      `prom-client stays: its default registry is also served at :9464/metrics (${page('metrics.md')}).`,
    );
  }
  for (const [library, { package: name, version }] of Object.entries(stockInstrumentations)) {
    if (!has(library)) continue;
    notes.push(`${library} has no plugin. ${name}@${version} records it (${page('instrumentations.md')}).`);
  }
  return notes;
}
