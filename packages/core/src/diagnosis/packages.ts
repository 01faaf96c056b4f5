import { agents } from '../patching/conflicts.js';
import { copyOfFile, loadedFiles } from '../patching/loaded-packages.js';
import type { DiagnosedPackage } from './diagnosis.js';
import { type DiagnosisFinding, finding } from './findings.js';
import type { InstalledCopy } from './package-copies.js';

const throughlinePackages = [
  'core',
  'express',
  'fastify',
  'koa',
  'hono',
  'db',
  'kafka',
  'bullmq',
  'rabbitmq',
  'sqs',
  'nats',
  'profiles',
].map((name) => `@throughline/${name}`);

/** Packages whose copies matter: those of Throughline, those that services also use, and other agents. */
export const examinedPackages: readonly string[] = [
  ...throughlinePackages,
  '@opentelemetry/api',
  'prom-client',
  ...agents,
];

/** The copies of those packages that are installed, and which of them this process has loaded. */
export function describePackages(installed: readonly InstalledCopy[]): DiagnosedPackage[] {
  return examinedPackages.flatMap((name) => {
    const loaded = new Map(loadedCopies(name).map((copy) => [copy.folder, copy]));
    const onDisk = installed.filter((copy) => copy.name === name);
    const known = new Map([...onDisk, ...loaded.values()].map((copy) => [copy.folder, copy]));
    const copies = [...known.values()].map(({ folder, version }) => ({
      version,
      folder,
      isLoaded: loaded.has(folder),
    }));
    return copies.length > 0 ? [{ name, copies }] : [];
  });
}

/** The copies of a package in Node's cache of CommonJS modules. */
export function loadedCopies(name: string) {
  const copies = loadedFiles(name).map(([file]) => copyOfFile(name, file));
  return [...new Set(copies)].filter((copy) => copy !== undefined);
}

/** Whether Throughline's own packages belong together. */
export function versionFindings(packages: readonly DiagnosedPackage[]): DiagnosisFinding[] {
  const ourPackages = packages.filter(({ name }) => throughlinePackages.includes(name));
  const versions = new Set(ourPackages.flatMap(({ copies }) => copies.map(({ version }) => version)));
  if (versions.size < 2) return [];
  const list = ourPackages
    .flatMap(({ name, copies }) => copies.map(({ version }) => `${name} ${version ?? '?'}`))
    .join(', ');
  return [finding('OBS_VERSIONS_DIFFER', `These versions are installed: ${list}.`)];
}
