import type { MetricSnapshot } from '../instruments/metric-snapshot.js';
import { startPace } from '../timing/pace.js';
import { type SharedMetric, toSharedMetrics } from './shared-metric.js';

/** Metrics as lines of JSON, of which each is a part of one. Writing and reading them gives way to requests. */
export async function* linesOf(metrics: Iterable<MetricSnapshot>): AsyncGenerator<string> {
  const pace = startPace();
  for (const metric of metrics) {
    for (const part of toSharedMetrics(metric)) {
      yield JSON.stringify(part);
      if (pace.isDue()) await pace.giveWay();
    }
  }
}

export async function* readLines(lines: Iterable<string>): AsyncGenerator<SharedMetric> {
  const pace = startPace();
  for (const line of lines) {
    yield JSON.parse(line) as SharedMetric;
    if (pace.isDue()) await pace.giveWay();
  }
}
