import type { Logger } from 'winston';

const millisPerDay = 86_400_000;
/** From then on a warning a day. */
const noticeMillis = 14 * millisPerDay;

/**
 * Says once a day that the old header will soon count no more, and once that it does no more.
 *
 * @param untilMillis since 1970
 * @returns stops it
 */
export function announceEnd(untilMillis: number, header: string, logger: Logger): () => void {
  let timer: NodeJS.Timeout | undefined;
  const until = new Date(untilMillis).toISOString();
  const look = () => {
    const leftMillis = untilMillis - Date.now();
    if (leftMillis <= 0) {
      logger.warn(
        'The old trace header is no longer used, because legacyTraceHeader.acceptUntil has passed.',
        {
          header,
          until,
        },
      );
      return;
    }
    if (leftMillis <= noticeMillis) {
      logger.warn('The old trace header will soon no longer be used.', {
        header,
        until,
        days_left: Math.ceil(leftMillis / millisPerDay),
      });
    }
    const untilNotice = leftMillis > noticeMillis ? leftMillis - noticeMillis : leftMillis;
    timer = setTimeout(look, Math.min(untilNotice, millisPerDay));
    timer.unref();
  };
  look();
  return () => clearTimeout(timer);
}
