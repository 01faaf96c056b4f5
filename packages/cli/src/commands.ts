import type { CommandEntry } from './command-line/command.js';

/**
 * Every command, in the order of `throughline --help`. A new command is a folder with `command.ts`, and an entry here;
 * its code is loaded when it is called.
 */
export const commands: readonly CommandEntry[] = [
  {
    name: 'init',
    summary:
      'Adds Throughline to a service: packages, the line that starts it, a config file. Can be undone.',
    load: async () => (await import('./init/command.js')).default,
  },
  {
    name: 'scan',
    summary: 'Lists trace ids that code makes, passes on and logs by hand, and removes the safe ones.',
    load: async () => (await import('./scan/command.js')).default,
  },
  {
    name: 'doctor',
    summary: 'Checks whether the telemetry of a service works, and says how to fix what does not.',
    load: async () => (await import('./doctor/command.js')).default,
  },
  {
    name: 'dev',
    summary: 'Starts services and shows their traces, metrics and logs on a local page.',
    load: async () => (await import('./dev/command.js')).default,
  },
  {
    name: 'profile',
    summary: 'Takes a profile of a running service: which functions take its time or its memory.',
    load: async () => (await import('./profile/command.js')).default,
  },
  {
    name: 'check',
    summary: 'Checks the metrics of a service against a contract.',
    load: async () => (await import('./check/command.js')).default,
  },
  {
    name: 'slo',
    summary: 'Generates Prometheus recording rules and burn-rate alerts from SLOs.',
    load: async () => (await import('./slo/command.js')).default,
  },
  {
    name: 'explain',
    summary: 'Explains the code of an error or a finding: cause and fix.',
    load: async () => (await import('./explain/command.js')).default,
  },
];
