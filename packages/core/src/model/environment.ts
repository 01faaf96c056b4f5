/** The environment as a plain record. Every other file takes it as an argument, so tests need no process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The only place that reads `process.env`; called from `initObservability` on, never on import (the `register` entry excepted). */
export function readEnvironment(): Environment {
  return { ...process.env };
}
