import type { Work } from '@throughline/core/plugin';

/** The request, message or job that samples belong to. Exists only if there are samples. */
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
    span.setAttribute(profileIdAttribute, spanId);
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

/** One owner for each request, message and job. */
export class SampleOwners {
  private readonly owners = new WeakMap<object, SampleOwner>();
  /** Of spans outside of any work: the first span of this process that each is below. */
  private readonly outermost = new WeakMap<object, Work>();

  /** A span that belongs to no work becomes active below another one. */
  note(inner: Work, outer: Work): void {
    if (inner.span === outer.span || this.outermost.has(inner.span)) return;
    const isBelow = inner.span.spanContext().traceId === outer.span.spanContext().traceId;
    if (isBelow) this.outermost.set(inner.span, this.outermost.get(outer.span) ?? outer);
  }

  /** The first call for some work marks its span as one that has a profile. */
  of(given: Work | undefined): SampleOwner | undefined {
    if (given === undefined) return undefined;
    const work = given.isSpanOnly ? (this.outermost.get(given.span) ?? given) : given;
    let owner = this.owners.get(work.span);
    if (owner === undefined) {
      owner = new SampleOwner(work);
      this.owners.set(work.span, owner);
    }
    return owner;
  }
}
