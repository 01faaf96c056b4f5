import type { Commands } from './command.js';

/** Every command, in the order of `throughline --help`. */
export const commands: Commands = {
  check: async () => (await import('./check.js')).default,
  doctor: async () => (await import('./doctor.js')).default,
  scan: async () => (await import('./scan.js')).default,
  slo: async () => (await import('./slo.js')).default,
};
