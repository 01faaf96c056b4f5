/** Environment variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The only place that reads `process.env`, so that tests can pass their own variables. Called by `initObservability`, never on import (except by the `register` entry). */
export function readEnvironment(): Environment {
  return { ...process.env };
}
