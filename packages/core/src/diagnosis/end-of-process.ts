import type { ResolvedOptions } from '../options/resolve.js';
import { type DiagnosisFinding, finding } from './findings.js';

/**
 * What is lost at the end of the process because an option says so.
 *
 * @param isPushed whether metrics are pushed
 */
export function endFindings(
  { shutdown, traces, logs }: ResolvedOptions,
  isPushed: boolean,
): DiagnosisFinding[] {
  if (shutdown.exitTimeoutMillis !== 0) return [];
  const queued = [
    ...(traces.exporter === 'otlp' ? ['spans'] : []),
    ...(logs.destinations.includes('otlp') ? ['log records'] : []),
    ...(isPushed ? ['pushed metrics'] : []),
  ];
  if (queued.length === 0) return [];
  return [
    finding(
      'OBS_EXIT_SENDS_NOTHING',
      `shutdown.exitTimeoutMillis is 0: ${queued.join(', ')} in the queue are lost at process.exit() and after a crash.`,
    ),
  ];
}

/** @param threads how many worker threads of this process record */
export function threadFindings(threads: number): DiagnosisFinding[] {
  if (threads === 0) return [];
  const who = threads === 1 ? '1 worker thread records' : `${threads} worker threads record`;
  return [
    finding(
      'OBS_THREADS_LOSE_QUEUE',
      `${who} here: worker.terminate() loses what is queued there, and so does process.exit() in the main thread while the thread is busy.`,
    ),
  ];
}

/** Own lines between data. What a server writes to stdout is its log. */
export function outputFindings({ logs }: ResolvedOptions): DiagnosisFinding[] {
  if (logs.sdkLines !== 'stdout' || isServing()) return [];
  return [
    finding(
      'OBS_SDK_LINES_ON_STDOUT',
      `logs.sdkLines is stdout: ${logs.startLine ? 'the start line and warnings' : 'warnings'} of Throughline are written between the lines of this program.`,
    ),
  ];
}

/** The metrics endpoint does not keep the process alive, so it is not listed. */
function isServing(): boolean {
  return process
    .getActiveResourcesInfo()
    .some((name) => name === 'TCPServerWrap' || name === 'PipeServerWrap');
}
