import type { Logger } from 'winston';

/** Writes a line at level info, even if the current level is higher: a person who can change the level must not be able to hide the change. */
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
