import type { LogDestination } from '@throughline/core';

/**
 * Lines go to stdout and to the OTLP intake. With LOG_FILE they go to that file instead, for an agent that tails it.
 */
export function readLogDestinations(environment: NodeJS.ProcessEnv): LogDestination[] {
  const { LOG_FILE: file } = environment;
  return ['stdout', file ? { file } : 'otlp'];
}
