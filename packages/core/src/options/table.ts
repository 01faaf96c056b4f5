import type { Instrumentation } from '@opentelemetry/instrumentation';
import { checkContract } from '../contract/contract.js';
import { ObservabilityError } from '../model/errors.js';
import { controlOptions } from './control-options.js';
import { httpOptions } from './http-options.js';
import { legacyOptions } from './legacy-options.js';
import { logOptions } from './log-options.js';
import { metricOptions } from './metric-options.js';
import {
  checkBoolean,
  checkList,
  checkNumber,
  checkText,
  checkTextRecord,
  checkWord,
  group,
  isObjectWith,
  millisLimits,
  option,
  parseAttributes,
  parseBoolean,
  parseNumber,
} from './option.js';
import { profileOptions } from './profile-options.js';
import { traceOptions } from './trace-options.js';

/**
 * The part of a plugin that the options check. The plugin contract has the full type:
 * `ObservabilityPlugin`.
 */
export interface ListedPlugin {
  readonly name: string;
  // biome-ignore lint/suspicious/noConfusingVoidType: as in the plugin contract
  setup(context: never): void | (() => void);
}

/** Stock instrumentations, or those that are installed. */
type Instrumentations = 'installed' | readonly Instrumentation[];

const checkInstrumentationList = checkList(
  "takes 'installed', or an array of OpenTelemetry instrumentations, for example [new PgInstrumentation()]",
  isObjectWith<Instrumentation>('enable', 'disable', 'setTracerProvider'),
);

function checkInstrumentations(value: unknown): Instrumentations {
  return value === 'installed' ? value : checkInstrumentationList(value);
}

function checkPlugins(value: unknown): readonly ListedPlugin[] {
  if (!Array.isArray(value)) throw new Error('takes an array of plugins, for example [expressPlugin()]');
  value.forEach((entry, index) => {
    if (isPlugin(entry)) return;
    const got =
      typeof entry === 'function'
        ? `the function ${entry.name || '(anonymous)'} itself; call it`
        : `${entry === null ? 'null' : typeof entry} without a name and a setup function`;
    throw new ObservabilityError('OBS_PLUGIN_INVALID', `plugins[${index}] is ${got}.`);
  });
  return value;
}

function isPlugin(entry: unknown): entry is ListedPlugin {
  if (!isObjectWith<ListedPlugin>('setup')(entry)) return false;
  return typeof entry.name === 'string' && entry.name !== '';
}

/**
 * Every option of `initObservability`. The types in `observability-options.ts`, the validation, the
 * environment parsing and docs/reference/options.md come from this table.
 */
export const optionTable = {
  enabled: option({
    type: 'boolean',
    description: 'Whether anything is recorded. When false, the API can still be called, and does nothing.',
    fallback: true,
    environment: [
      { name: 'OTEL_SDK_DISABLED', parse: (text) => !parseBoolean(text), note: 'true switches off' },
    ],
    parse: checkBoolean,
  }),
  serviceName: option({
    type: 'string',
    description: 'Logical name of the service, the same for all its instances.',
    fallbackText:
      '`service.name` of OTEL_RESOURCE_ATTRIBUTES, the name in the nearest package.json, or `unknown_service:node`',
    environment: [{ name: 'OTEL_SERVICE_NAME', parse: checkText }],
    parse: checkText,
  }),
  serviceVersion: option({
    type: 'string',
    description: 'Version of the service.',
    fallbackText: '`service.version` of OTEL_RESOURCE_ATTRIBUTES, or the version in the nearest package.json',
    parse: checkText,
  }),
  serviceNamespace: option({
    type: 'string',
    description: 'Group of services that this one belongs to.',
    fallbackText: '`service.namespace` of OTEL_RESOURCE_ATTRIBUTES',
    parse: checkText,
  }),
  environment: option({
    type: 'string',
    description: 'Deployment environment, for example `production`.',
    fallbackText:
      '`deployment.environment.name` (or the older `deployment.environment`) of OTEL_RESOURCE_ATTRIBUTES, or NODE_ENV',
    parse: checkText,
  }),
  team: option({
    type: 'string',
    description: 'Team that owns the service.',
    fallbackText: '`team` of OTEL_RESOURCE_ATTRIBUTES',
    parse: checkText,
  }),
  resourceAttributes: option({
    type: 'Readonly<Record<string, string>>',
    description:
      'Further resource attributes, such as `k8s.pod.name`. All sources are merged. For each key, code takes precedence over the environment.',
    environment: [
      {
        name: 'OTEL_RESOURCE_ATTRIBUTES',
        parse: parseAttributes,
        note: '`key=value` pairs; pairs without a value are ignored',
      },
    ],
    parse: checkTextRecord,
  }),
  plugins: option({
    type: 'readonly ObservabilityPlugin[]',
    description: 'Plugins, for example `expressPlugin()`.',
    fallback: [],
    fallbackText: 'none',
    parse: checkPlugins,
  }),
  instrumentations: option({
    type: "'installed' | readonly Instrumentation[]",
    description:
      "Stock OpenTelemetry instrumentations. They are also applied to modules that are already loaded. `'installed'` takes those among the dependencies in the package.json of the service, with their defaults, except for what Throughline or its plugins record.",
    fallback: [] as Instrumentations,
    fallbackText: 'none',
    environment: [{ name: 'THROUGHLINE_INSTRUMENTATIONS', parse: checkWord(['installed']) }],
    parse: checkInstrumentations,
  }),
  contract: option({
    type: 'Contract',
    description:
      'The contract: labels and names that all services share, made with `defineContract`. It usually comes from a package of the platform team.',
    fallbackText: 'none',
    parse: checkContract,
  }),
  traces: traceOptions,
  metrics: metricOptions,
  logs: logOptions,
  http: httpOptions,
  legacyTraceHeader: legacyOptions,
  control: controlOptions,
  profiles: profileOptions,
  shutdown: group('The end of the process.', {
    timeoutMillis: option({
      type: 'number',
      description: 'Maximum time that `flush` and `shutdown` take, in milliseconds.',
      fallback: 5_000,
      parse: checkNumber(millisLimits),
    }),
    exitTimeoutMillis: option({
      type: 'number',
      description:
        'Maximum time that the end of the process waits for queued telemetry to be sent, in milliseconds. It applies after `process.exit()` and after a crash, when nothing can be sent in the background. With 0 nothing is sent then.',
      fallback: 2_000,
      environment: [{ name: 'THROUGHLINE_EXIT_TIMEOUT', parse: parseNumber(millisLimits) }],
      parse: checkNumber(millisLimits),
    }),
    handleSignals: option({
      type: 'boolean',
      description:
        'Whether SIGTERM and SIGINT flush telemetry. The process ends as it would without Throughline. If the service handles the signal, it still decides when the process ends.',
      fallback: true,
      parse: checkBoolean,
    }),
  }),
};

export type OptionTable = typeof optionTable;
