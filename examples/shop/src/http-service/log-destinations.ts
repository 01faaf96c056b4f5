import type { LogDestination } from '@throughline/core';

/**
 * Lines go to stdout and to the OTLP intake, or, with LOG_FILE, to that file for an agent that tails it.
 */
export function readLogDestinations(environment: NodeJS.ProcessEnv): LogDestination[] {
  const { LOG_FILE: file } = environment;
  return ['stdout', file ? { file } : 'otlp'];
}
