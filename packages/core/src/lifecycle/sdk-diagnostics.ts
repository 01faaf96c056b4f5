import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import type { Logger } from 'winston';
import { sdkLineMark } from '../logs/log-record.js';
import type { Environment } from '../model/environment.js';
import { ObservabilityError } from '../model/errors.js';
import { oncePerInterval } from '../timing/once-per-interval.js';
import { wantsStacks } from './report-problem.js';

/** What OTEL_LOG_LEVEL may say, and the level of the SDK's own messages that it lets through. */
const levels: Readonly<Record<string, DiagLogLevel>> = {
  NONE: DiagLogLevel.NONE,
  ERROR: DiagLogLevel.ERROR,
  WARN: DiagLogLevel.WARN,
  INFO: DiagLogLevel.INFO,
  DEBUG: DiagLogLevel.DEBUG,
  VERBOSE: DiagLogLevel.VERBOSE,
  ALL: DiagLogLevel.ALL,
};

/** The words of the API when something is registered already, or by another version. */
const registrationRefused =
  /@opentelemetry\/api: (?:Attempted duplicate registration of API|Registration of version .* does not match)/;

/**
 * Sends the OpenTelemetry SDK's own messages to the service's log. From level warn on, each kind is logged once a
 * minute. With OTEL_LOG_LEVEL=debug, all messages are logged.
 */
export function routeSdkDiagnostics(
  logger: Logger,
  environment: Environment,
  report: (error: ObservabilityError) => void,
): void {
  const level = levels[(environment.OTEL_LOG_LEVEL ?? '').trim().toUpperCase()] ?? DiagLogLevel.ERROR;
  const hasStacks = wantsStacks(environment);
  const say = (severity: 'error' | 'warn' | 'info' | 'debug') => (message: string, details: unknown[]) =>
    logger.log(severity, `opentelemetry: ${hasStacks ? message : withoutStack(message)}`, {
      ...(details.length > 0 ? { details: hasStacks ? details : details.map(messageOf) } : {}),
      [sdkLineMark]: true,
    });
  const sayError = oncePerInterval(60_000, say('error'));
  const sayWarn = oncePerInterval(60_000, say('warn'));
  let isLaterSdkSaid = false;
  const sink: DiagLogger = {
    error(message, ...details) {
      if (!registrationRefused.test(message)) return sayError(message, details);
      // Said once for each part of the API, with a stack; one warning is clearer.
      if (!isLaterSdkSaid) report(new ObservabilityError('OBS_SDK_REGISTERED_LATER'));
      isLaterSdkSaid = true;
    },
    warn: (message, ...details) => sayWarn(message, details),
    info: (message, ...details) => say('info')(message, details),
    debug: (message, ...details) => say('debug')(message, details),
    verbose: (message, ...details) => say('debug')(message, details),
  };
  diag.setLogger(sink, { logLevel: level, suppressOverrideMessage: true });
}

/** The SDK says some errors by their stack, and some as JSON with their stack in it. */
function withoutStack(text: string): string {
  if (text.startsWith('{')) {
    try {
      const { message } = JSON.parse(text);
      if (typeof message === 'string') return message;
    } catch {
      // Not JSON after all.
    }
  }
  return text.replace(/\n\s+at [\s\S]*$/, '');
}

function messageOf(detail: unknown): unknown {
  if (detail instanceof Error) return detail.message;
  return typeof detail === 'string' ? withoutStack(detail) : detail;
}
