import type { TextMapPropagator } from '@opentelemetry/api';
import type { Sampler, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { checkWord, group, isObjectWith, option, parseList, quoted } from './option.js';
import { batchMembers, otlpMembers } from './otlp-options.js';
import { checkRatio, parseRatio, samplingOptions } from './sampling-options.js';
import { spanLimitOptions } from './span-limit-options.js';

export const samplerNames = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
/** A sampler, by its name in `OTEL_TRACES_SAMPLER`. */
export type SamplerName = (typeof samplerNames)[number];

export const propagatorNames = ['tracecontext', 'baggage', 'b3', 'b3multi', 'jaeger', 'none'] as const;
/** A propagator, by its name in `OTEL_PROPAGATORS`. */
export type PropagatorName = (typeof propagatorNames)[number];

const traceExporterNames = ['otlp', 'console', 'none'] as const;

const isSpanExporter = isObjectWith<SpanExporter>('export', 'shutdown');
const isSampler = isObjectWith<Sampler>('shouldSample');
const isPropagator = isObjectWith<TextMapPropagator>('inject', 'extract', 'fields');

const checkTraceExporterName = checkWord(traceExporterNames);
const checkSamplerName = checkWord(samplerNames);
/** Also for the setter of a running instance. */

function checkPropagators(value: unknown): readonly (PropagatorName | TextMapPropagator)[] {
  if (!Array.isArray(value)) throw new Error(`takes an array of ${quoted(propagatorNames)}`);
  return value.map((entry) => (isPropagator(entry) ? entry : checkWord(propagatorNames)(entry)));
}

export const traceOptions = group('Spans.', {
  exporter: option({
    type: "'otlp' | 'console' | 'none' | SpanExporter",
    description: 'Where spans go.',
    fallback: 'otlp' as (typeof traceExporterNames)[number] | SpanExporter,
    environment: [{ name: 'OTEL_TRACES_EXPORTER', parse: checkTraceExporterName }],
    parse: (value): (typeof traceExporterNames)[number] | SpanExporter => {
      if (isSpanExporter(value)) return value;
      try {
        return checkTraceExporterName(value);
      } catch (error) {
        throw new Error(`${(error as Error).message}, or a SpanExporter`);
      }
    },
  }),
  ...otlpMembers('traces'),
  sampler: option({
    type: 'SamplerName | Sampler',
    description: 'Which traces are recorded. The ratio of the `traceidratio` samplers is `samplingRatio`.',
    fallbackText:
      "`'parentbased_traceidratio'`: the decision of the caller is kept, new traces use `samplingRatio`",
    environment: [{ name: 'OTEL_TRACES_SAMPLER', parse: checkSamplerName }],
    parse: (value): SamplerName | Sampler => (isSampler(value) ? value : checkSamplerName(value)),
  }),
  samplingRatio: option({
    type: 'number',
    description: 'Share of new traces that are recorded, from 0 to 1. Metrics and logs never depend on it.',
    fallback: 1,
    environment: [{ name: 'OTEL_TRACES_SAMPLER_ARG', parse: parseRatio }],
    parse: checkRatio,
  }),
  ...samplingOptions,
  propagators: option({
    type: 'readonly (PropagatorName | TextMapPropagator)[]',
    description:
      'Formats of the headers that carry a trace between services. All of them are read, and all are written.',
    fallback: ['tracecontext', 'baggage'] as readonly (PropagatorName | TextMapPropagator)[],
    environment: [{ name: 'OTEL_PROPAGATORS', parse: (text) => checkPropagators(parseList(text)) }],
    parse: checkPropagators,
  }),
  limits: spanLimitOptions,
  batch: batchMembers('OTEL_BSP', 5_000),
});
