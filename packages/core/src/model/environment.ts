/** Environment variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The only place that reads `process.env`, so that tests need no process of their own; called from `initObservability` on, never on import (the `register` entry excepted). */
export function readEnvironment(): Environment {
  return { ...process.env };
}
