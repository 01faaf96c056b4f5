import type { HealthReport } from '../lifecycle/health.js';

/** The health of a whole group, as `/livez` and `/readyz` answer it. */
export interface GroupHealth extends HealthReport {
  /** What the other processes say, by their label `worker`. */
  readonly workers?: Readonly<Record<string, HealthReport>>;
}

/**
 * One endpoint speaks for all: a check that fails in one process fails. A worker that is stopping, as in a rolling
 * restart, does not keep requests away while others serve. If the root is stopping, the whole group is.
 *
 * @param worker label of the process that answers
 * @param root label of the primary or main thread, if it is among them
 */
export function combineHealth(
  worker: string,
  report: HealthReport,
  others: readonly (readonly [worker: string, report: HealthReport, ...unknown[]])[],
  root: string | undefined,
): GroupHealth {
  if (others.length === 0) return report;
  const all = [[worker, report] as const, ...others];
  const isStopping = ({ status }: HealthReport) => status === 'stopping';
  const rootReport = all.find(([worker]) => worker === root)?.[1];
  const status =
    (rootReport && isStopping(rootReport)) || all.every(([, report]) => isStopping(report))
      ? 'stopping'
      : all.some(([, report]) => report.status === 'failing')
        ? 'failing'
        : 'ok';
  return {
    ...report,
    status,
    workers: Object.fromEntries(others.map(([worker, report]) => [worker, report])),
  };
}
