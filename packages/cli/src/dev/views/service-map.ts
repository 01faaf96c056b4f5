import { textAttribute } from '../intake/attributes.js';
import type { MapAnswer, MapEdge, MapNode } from '../model/api.js';
import type { Span } from '../model/telemetry.js';
import type { TelemetryStore } from '../store/telemetry-store.js';
import { targetOf } from './span-facts.js';

/** A call whose other end is that young may still get its span. */
const settleMillis = 5_000;
const maxNodes = 200;

/** Services, databases, topics and other hosts, with the calls and messages between them. */
export function serviceMap(store: TelemetryStore, windowMillis: number): MapAnswer {
  const nowMillis = store.nowMillis();
  const fromMillis = nowMillis - windowMillis;
  const nodes = new Map<string, MapNode>();
  const edges = new Map<string, { from: string; to: string; count: number; errorCount: number }>();

  const node = (found: MapNode): string | undefined => {
    if (!nodes.has(found.id)) {
      if (nodes.size >= maxNodes) return undefined;
      nodes.set(found.id, found);
    }
    return found.id;
  };
  const service = (name: string) => node({ id: `service ${name}`, kind: 'service', name, system: '' });
  const count = (from: string | undefined, to: string | undefined, { isError }: Span) => {
    if (from === undefined || to === undefined) return;
    const key = `${from}\n${to}`;
    const edge = edges.get(key) ?? { from, to, count: 0, errorCount: 0 };
    edges.set(key, edge);
    edge.count++;
    if (isError) edge.errorCount++;
  };

  for (const trace of store.traces.newestFirst()) {
    const called = new Set<string>();
    for (const { parentSpanId, kind } of trace.spans.values()) {
      if (parentSpanId !== undefined && kind === 'server') called.add(parentSpanId);
    }
    for (const span of trace.spans.values()) {
      if (span.startMillis + span.durationMillis < fromMillis) continue;
      const own = service(span.resource.serviceName);
      const target = targetOf(span);
      const other = target && {
        id: `${target.kind} ${target.system} ${target.name}`,
        ...target,
      };
      if (other?.kind === 'topic') {
        const type = textAttribute(span.attributes, 'messaging.operation.type');
        if (span.kind === 'producer') count(own, node(other), span);
        else if (span.kind === 'consumer' && (type ?? 'process') === 'process') count(node(other), own, span);
      } else if (other?.kind === 'database') {
        count(own, node(other), span);
      } else if (other && !called.has(span.spanId)) {
        if (span.startMillis < nowMillis - settleMillis) count(own, node(other), span);
      }
      const parent = span.parentSpanId === undefined ? undefined : trace.spans.get(span.parentSpanId);
      const isFromElsewhere = parent && parent.resource.serviceName !== span.resource.serviceName;
      if (isFromElsewhere && other?.kind !== 'topic') count(service(parent.resource.serviceName), own, span);
    }
  }
  const secondsLong = store.observedSeconds(windowMillis);
  return {
    windowMillis,
    nodes: [...nodes.values()],
    edges: [...edges.values()].map((edge): MapEdge => ({ ...edge, ratePerSecond: edge.count / secondsLong })),
  };
}
