import type { TracerOptions, TracerProvider } from '@opentelemetry/api';
import { copyOf } from '../model/text-copy.js';
import { ScopeSection } from './otlp/trace-request.js';
import { randomIds } from './random-ids.js';
import { defaultLimits, type RecorderLimits } from './span/limits.js';
import type { RecordedSpan } from './span/span.js';
import type { TailSampler } from './tail/tail-sampler.js';
import { type RecorderIdGenerator, type RecorderSampler, RecordingTracer } from './tracer.js';

export interface RecorderOptions {
  readonly sampler: RecorderSampler;
  /** Default: random ids. */
  readonly idGenerator?: RecorderIdGenerator | undefined;
  readonly limits?: Partial<RecorderLimits> | undefined;
  /** Takes sampled spans at their end, each with the section of its scope. */
  readonly written: (section: ScopeSection, span: RecordedSpan) => void;
  /** Told of every recorded span at its end, before it is written. */
  readonly ended?: ((span: RecordedSpan) => void) | undefined;
  /** Holds the spans of traces that the sampler does not take, and keeps some of them. Default: none are held. */
  readonly tail?: TailSampler | undefined;
}

/** A service has tens of scopes. One that makes up names must not fill the memory with them. */
const maxKeptTracers = 1_000;

/** The tracer provider of the recorder. */
export function createRecorder({
  sampler,
  idGenerator = randomIds,
  limits: givenLimits,
  written,
  ended,
  tail,
}: RecorderOptions): TracerProvider {
  const limits = { ...defaultLimits, ...givenLimits };
  const tracers = new Map<string, RecordingTracer>();
  return {
    getTracer(name: string, version?: string, options?: TracerOptions) {
      const schemaUrl = options?.schemaUrl;
      const key = `${name}@${version ?? ''}:${schemaUrl ?? ''}`;
      const known = tracers.get(key);
      if (known) return known;
      const section = new ScopeSection({
        name: copyOf(String(name)),
        version: version === undefined ? undefined : copyOf(String(version)),
        schemaUrl,
      });
      const tracer = new RecordingTracer(
        {
          limits,
          ended(span) {
            try {
              ended?.(span);
            } catch {
              // A listener's mistake must not cost the span.
            }
            if (span.isSampled) written(section, span);
          },
          export: (span) => written(section, span),
        },
        { sampler, idGenerator, tail },
      );
      if (tracers.size < maxKeptTracers) tracers.set(copyOf(key), tracer);
      return tracer;
    },
  };
}
