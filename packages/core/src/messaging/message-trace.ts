import {
  type Context,
  isSpanContextValid,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type TextMapPropagator,
  trace,
} from '@opentelemetry/api';
import { isName } from '../context/carrier.js';
import { readTraceParent, type W3cPropagator, writtenTraceParent } from '../context/trace-parent.js';
import type { MessageHeaders } from '../plugin/messaging.js';
import { RecordedSpan } from '../recorder/span/span.js';
import { findValue, hasHeader, headerGetter, setHeader } from './message-headers.js';

/** Links of one span: a batch may come from more producers than a viewer can show. */
const maxLinks = 64;

const noLinks = Object.freeze<Link[]>([]) as Link[];

/**
 * The trace contexts in the headers of messages. What nearly all messages carry, `traceparent` alone, is read and written
 * without a context of its own; the propagator does everything else.
 */
export class MessageTrace {
  /** Names of the headers that may carry a context. */
  readonly fields: string[];
  /** Baggage alone does not say which trace a message belongs to. */
  private readonly traceHeaders: readonly string[];
  private readonly isW3c: boolean;

  constructor(private readonly propagator: TextMapPropagator) {
    this.fields = propagator.fields();
    this.traceHeaders = this.fields.filter((name) => name !== 'baggage');
    this.isW3c = (propagator as W3cPropagator).isW3c === true;
  }

  /** The producer, if a `traceparent` in its usual form is all that the headers carry. */
  simpleParent(headers: MessageHeaders): SpanContext | undefined {
    if (!this.isW3c || hasHeader(headers, 'tracestate') || hasHeader(headers, 'baggage')) return undefined;
    return readTraceParent(findValue(headers, 'traceparent'));
  }

  extract(base: Context, headers: MessageHeaders): Context {
    return this.propagator.extract(base, headers, headerGetter);
  }

  /** Links to the producers of the messages. */
  linksTo(headers: readonly (MessageHeaders | undefined)[], base: Context = ROOT_CONTEXT): Link[] {
    let links: Map<string, Link> | undefined;
    for (const one of headers) {
      if (links?.size === maxLinks) break;
      const producer = one && (this.simpleParent(one) ?? trace.getSpanContext(this.extract(base, one)));
      if (producer && isSpanContextValid(producer)) {
        links ??= new Map();
        const { spanId, traceId } = producer;
        const other = links.get(spanId);
        // To put both ids together for each of them would cost more than to read them.
        if (other?.context.traceId === traceId) continue;
        links.set(other === undefined ? spanId : traceId + spanId, { context: producer });
      }
    }
    return links ? [...links.values()] : noLinks;
  }

  /** Links to what headers carry already that are to be sent. */
  linksToCarried(headers: readonly MessageHeaders[]): Link[] {
    let carrying: MessageHeaders[] | undefined;
    for (const one of headers) {
      if (!this.isCarriedBy(one)) continue;
      carrying ??= [];
      carrying.push(one);
    }
    return carrying ? this.linksTo(carrying) : noLinks;
  }

  /** Writes the context of a span into all headers that have none. */
  injectSpan(span: Span, parent: Context, targets: readonly MessageHeaders[]): void {
    const spanContext = span.spanContext();
    const isSimple =
      this.isW3c && spanContext.traceState === undefined && propagation.getBaggage(parent) === undefined;
    if (!isSimple) {
      this.inject(trace.setSpan(parent, span), targets);
      return;
    }
    // The recorder gives its spans valid ids.
    if (!(span instanceof RecordedSpan) && !isSpanContextValid(spanContext)) return;
    const written = writtenTraceParent(spanContext);
    for (const headers of targets) {
      if (!this.isCarriedBy(headers)) setHeader(headers, 'traceparent', written);
    }
  }

  /** Writes a context into all headers that have none. */
  inject(source: Context, targets: readonly MessageHeaders[]): void {
    const injected: Record<string, string> = {};
    this.propagator.inject(source, injected, {
      set(carrier, name, value) {
        carrier[name] = value;
      },
    });
    const names = Object.keys(injected);
    for (const headers of targets) {
      if (this.isCarriedBy(headers)) continue;
      for (const name of names) {
        if (!this.isThere(headers, name)) setHeader(headers, name, injected[name] ?? '');
      }
    }
  }

  private isCarriedBy(headers: MessageHeaders): boolean {
    for (const name of this.traceHeaders) if (hasHeader(headers, name)) return true;
    return false;
  }

  /** Names of the trace context have one spelling; an old header may be there in another one. */
  private isThere(headers: MessageHeaders, name: string): boolean {
    if (hasHeader(headers, name)) return true;
    if (this.fields.includes(name)) return false;
    const lower = name.toLowerCase();
    return headerGetter.keys(headers).some((key) => isName(key, lower));
  }
}
