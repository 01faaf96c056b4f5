import type { Logger } from 'winston';

/** Writes a line at level info, whatever the level in force: who may change that must not be able to hide it. */
export function audit(logger: Logger, message: string, fields: Readonly<Record<string, unknown>>): void {
  const { level, levels } = logger;
  const isHidden = (levels[level] ?? 0) < (levels.info ?? 0);
  if (isHidden) logger.level = 'info';
  try {
    logger.info(message, fields);
  } finally {
    if (isHidden) logger.level = level;
  }
}
