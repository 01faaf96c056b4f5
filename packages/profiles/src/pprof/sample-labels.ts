import type { SampleOwner } from '../samples/sample-owner.js';

export type SampleLabels = Readonly<Record<string, string>>;

const none: SampleLabels = {};

/**
 * The labels of samples in pprof, under the names that Pyroscope expects. It filters by `span_id` and `trace_id`, and makes
 * series of the others.
 */
export function sampleLabels(traceIds: boolean): (owner: SampleOwner | undefined) => SampleLabels {
  const known = new Map<SampleOwner, SampleLabels>();
  return (owner) => {
    if (owner === undefined) return none;
    let labels = known.get(owner);
    if (labels === undefined) {
      const { spanId, traceId } = owner;
      labels = {
        ...owner.kind(),
        ...(spanId === undefined ? {} : { span_id: spanId }),
        ...(traceIds && traceId !== undefined ? { trace_id: traceId } : {}),
      };
      known.set(owner, labels);
    }
    return labels;
  };
}
