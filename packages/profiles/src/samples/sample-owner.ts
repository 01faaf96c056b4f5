import type { Work } from '@throughline/core/plugin';

/** The request, message or job that samples belong to. */
export class SampleOwner {
  /** Undefined if the span is not recorded: then these ids lead nowhere. */
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;

  constructor(private readonly work: Work) {
    const { span } = work;
    if (!span.isRecording()) return;
    const { traceId, spanId } = span.spanContext();
    this.traceId = traceId;
    this.spanId = spanId;
  }

  /**
   * What samples of the same kind of work have in common, as labels. A route may become known late, so ask late: a
   * request that is over knows its route for certain.
   */
  kind(): Readonly<Record<string, string>> {
    const { work } = this;
    if ('request' in work) {
      const route = work.route ?? work.request?.currentRoute();
      return route === undefined ? {} : { http_route: route };
    }
    // Both the spans of Throughline and those of the OpenTelemetry SDK have it.
    const { name } = work.span as { readonly name?: unknown };
    return typeof name === 'string' && name !== '' ? { span_name: name } : {};
  }
}

/** Grafana's Tempo data source offers the profile of a span that has this attribute: the `span_id` of its samples. */
const profileIdAttribute = 'pyroscope.profile.id';

/** One owner for each span, for as long as the span is there. */
export class SampleOwners {
  private readonly bySpan = new WeakMap<object, SampleOwner>();

  /**
   * The first call for a span also marks it as one that has a profile. A span below another one of this process belongs
   * to the owner of that one.
   *
   * @param around the work that was active when this one began
   */
  of(work: Work | undefined, around?: Work): SampleOwner | undefined {
    if (work === undefined) return undefined;
    const { span } = work;
    const known = this.bySpan.get(span);
    if (known !== undefined) return known;
    const outer = work.isSpanOnly && around !== undefined ? this.bySpan.get(around.span) : undefined;
    const isBelow = outer !== undefined && outer.traceId === span.spanContext().traceId;
    const owner = isBelow ? outer : new SampleOwner(work);
    this.bySpan.set(span, owner);
    if (!isBelow && owner.spanId !== undefined) span.setAttribute(profileIdAttribute, owner.spanId);
    return owner;
  }
}
