import type { Histogram } from 'prom-client';
import type { ExemplarLabels } from './exemplar.js';

/** prom-client takes an empty set as "no exemplar"; undefined would mean the metric's default set. */
const noExemplar: Record<string, never> = {};

/** Observes a value in a histogram that has exemplars enabled. */
export function observe(
  histogram: Histogram,
  labels: Record<string, string>,
  value: number,
  exemplar: ExemplarLabels | undefined,
): void {
  histogram.observe({ labels, value, exemplarLabels: exemplar ? { ...exemplar } : noExemplar });
}
