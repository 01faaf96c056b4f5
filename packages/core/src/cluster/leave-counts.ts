import type { MetricSnapshot } from '../instruments/metric-snapshot.js';
import { leaveText } from './group-folder.js';
import type { ProcessGroup } from './process-group.js';
import { toSharedMetrics } from './shared-metric.js';

/** Leaves the metrics of a process that is ending to the leader of its group, which reads them at the next scrape. */
export function leaveCounts({ key, id, pid }: ProcessGroup, metrics: Iterable<MetricSnapshot>): void {
  const lines = [JSON.stringify({ id, pid })];
  for (const metric of metrics) for (const part of toSharedMetrics(metric)) lines.push(JSON.stringify(part));
  leaveText(key, id, lines.join('\n'));
}
