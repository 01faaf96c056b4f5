import {
  type Context,
  isSpanContextValid,
  type SpanContext,
  type TextMapPropagator,
  trace,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { type CarrierGetter, carriesHeader, readHeader } from '../context/carrier.js';
import { describeCaller } from './caller.js';
import { hasFixedFormat, writtenValue } from './header-format.js';
import { type OldHeader, oldHeaderOf, withOldHeader } from './legacy-header.js';
import type { WhoIsLeft } from './legacy-header-counter.js';
import { oldValue } from './legacy-header-value.js';
import { withTraceId } from './root-trace-ids.js';
import { traceIdOf } from './trace-id.js';

export interface BridgeSettings {
  /** In order of trust, as they are to be written. */
  readonly names: readonly [string, ...string[]];
  readonly send: boolean;
  /** Milliseconds since 1970. */
  readonly acceptUntilMillis: number;
  /** In lower case. */
  readonly sourceHeader: string | undefined;
}

interface FoundHeader extends OldHeader {
  readonly traceId: string;
}

/**
 * Wraps the configured propagator: if it finds no trace, the trace id comes from the old header; if it writes
 * one, the old header is written in addition. Everything that propagates through it (HTTP in and out, messages, stock
 * instrumentations) has the bridge with that.
 */
export function bridgePropagator(
  inner: TextMapPropagator,
  settings: BridgeSettings,
  whoIsLeft: WhoIsLeft,
): TextMapPropagator {
  const accepted = settings.names.map((name) => name.toLowerCase());
  const first = settings.names[0];
  /** What was counted: headers of a message are extracted from for its batch, and for itself. */
  const counted = new WeakSet<object>();

  return {
    // Without the old header: what carries nothing but that has no trace context, and needs one.
    fields: () => inner.fields(),

    extract(context, carrier, getter) {
      const extracted = inner.extract(context, carrier, getter);
      try {
        return accept(context, extracted, carrier, getter);
      } catch {
        return extracted;
      }
    },

    inject(context, carrier, setter) {
      inner.inject(context, carrier, setter);
      const span = trace.getSpanContext(context);
      if (!span || !isSpanContextValid(span) || isTracingSuppressed(context)) return;
      const header = oldHeaderOf(context);
      write(first, header);
      // A service that reads another of the old headers gets it unchanged, as from code that copies it.
      if (header && header.name !== first.toLowerCase()) write(spelling(header.name), header);

      function write(name: string, came: OldHeader | undefined): void {
        const lower = name.toLowerCase();
        if (carriesHeader(carrier, setter, lower)) {
          whoIsLeft.sent('application', lower);
        } else if (settings.send) {
          setter.set(carrier, name, valueFor(lower, came, span as SpanContext));
          whoIsLeft.sent('throughline', lower);
        }
      }
    },
  };

  function accept<C>(context: Context, extracted: Context, carrier: C, getter: CarrierGetter<C>): Context {
    const found = find(carrier, getter);
    if (!found) return extracted;
    const used = Date.now() < settings.acceptUntilMillis;
    const parent = trace.getSpanContext(extracted);
    if (parent && parent !== trace.getSpanContext(context) && isSpanContextValid(parent)) {
      // A caller that has moved sends both. If its old value is the trace id itself, the old header adds nothing.
      return used && found.value !== parent.traceId ? withOldHeader(extracted, found) : extracted;
    }
    count(extracted, carrier, getter, found, used);
    return used ? withOldHeader(withTraceId(extracted, found.traceId), found) : extracted;
  }

  function find<C>(carrier: C, getter: CarrierGetter<C>): FoundHeader | undefined {
    for (const name of accepted) {
      const value = oldValue(readHeader(carrier, getter, name));
      if (value === undefined) continue;
      const traceId = traceIdOf(name, value, (other) => textOf(readHeader(carrier, getter, other)));
      if (traceId !== undefined) return { name, value, traceId };
    }
    return undefined;
  }

  function count<C>(
    extracted: Context,
    carrier: C,
    getter: CarrierGetter<C>,
    { name }: FoundHeader,
    used: boolean,
  ): void {
    if (!getter.readOnce && typeof carrier === 'object' && carrier !== null) {
      if (counted.has(carrier)) return;
      counted.add(carrier);
    }
    const caller = {
      context: extracted,
      header: (other: string) => oldValue(readHeader(carrier, getter, other)),
      peerAddress: getter.peerAddress?.(carrier),
    };
    whoIsLeft.received(describeCaller(caller, settings.sourceHeader), name, used);
  }

  function spelling(lower: string): string {
    return settings.names[accepted.indexOf(lower)] ?? lower;
  }
}

/** The value as it came, or the trace id where none came that means anything under this name. */
export function valueFor(name: string, came: OldHeader | undefined, span: SpanContext): string {
  const fits = came && (came.name === name || !(hasFixedFormat(name) || hasFixedFormat(came.name)));
  return fits ? came.value : writtenValue(name, span);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
