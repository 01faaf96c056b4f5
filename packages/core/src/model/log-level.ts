/**
 * Levels of a line, most important first: those of syslog (RFC 5424) and of npm in one order, so that a service
 * uses the names it is used to.
 */
export const logLevels = [
  'emerg',
  'alert',
  'crit',
  'error',
  'warning',
  'warn',
  'notice',
  'info',
  'http',
  'verbose',
  'debug',
  'silly',
] as const;
/** A level of npm or syslog, by its name. */
export type LogLevel = (typeof logLevels)[number];

/** The order as winston takes it; `warning` and `warn` are one. */
export const levelOrder: Readonly<Record<LogLevel, number>> = {
  emerg: 0,
  alert: 1,
  crit: 2,
  error: 3,
  warning: 4,
  warn: 4,
  notice: 5,
  info: 6,
  http: 7,
  verbose: 8,
  debug: 9,
  silly: 10,
};

/** Whether a line of this level tells of an error. */
export function isErrorLevel(level: string): boolean {
  return (levelOrder[level as LogLevel] ?? Number.POSITIVE_INFINITY) <= levelOrder.error || level === 'fatal';
}
