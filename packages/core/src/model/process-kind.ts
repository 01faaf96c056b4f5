/**
 * What a process is to the service whose NODE_OPTIONS it was started with:
 * - `service`: it runs the service's own code, and is observed from the start.
 * - `launcher`: it starts, builds or tests the service, and is left alone.
 * - `undecided`: an installed program. It is observed once it serves: `next start` does, `rimraf` does not.
 */
export type ProcessRole = 'service' | 'launcher' | 'undecided';

export interface ProcessKind {
  readonly role: ProcessRole;
  /** The package of the started program, or the flag of Node, from which this is known. */
  readonly program: string | undefined;
  /** The script of the service, if it is not the one that Node was started with. */
  readonly script?: string | undefined;
}
