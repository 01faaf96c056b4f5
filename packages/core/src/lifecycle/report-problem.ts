import type { Logger } from 'winston';
import { sdkLineMark } from '../logs/log-record.js';
import type { Environment } from '../model/environment.js';
import type { ObservabilityError } from '../model/errors.js';
import { isError } from '../model/foreign-error.js';
import type { ProblemRecord } from './problem-record.js';

/** Says a problem as one warning, and keeps it for a diagnosis. Stacks come with OTEL_LOG_LEVEL=debug only. */
export function problemReporter(
  logger: Logger,
  problems: ProblemRecord,
  environment: Environment,
): (error: ObservabilityError) => void {
  const hasStacks = wantsStacks(environment);
  return (error) => {
    problems.add(error);
    const { cause } = error;
    logger.warn(error.message, {
      code: error.code,
      fix: error.fix,
      help: error.help,
      ...(isError(cause) ? { error: hasStacks ? cause : withoutStack(cause) } : {}),
      [sdkLineMark]: true,
    });
  };
}

/** https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration */
export function wantsStacks({ OTEL_LOG_LEVEL }: Environment): boolean {
  return ['DEBUG', 'VERBOSE', 'ALL'].includes((OTEL_LOG_LEVEL ?? '').trim().toUpperCase());
}

/** The same error for a line that is to be one line. */
function withoutStack(error: Error): Error {
  return Object.create(error, { stack: { value: undefined }, cause: { value: undefined } });
}
