import { createLineValues } from '../logs/line-values.js';
import type { Environment } from '../model/environment.js';
import type { Identity, NamedPackage } from '../model/identity.js';
import type { OptionEntries } from '../options/option.js';
import type { ResolveResult } from '../options/resolve.js';
import { optionTable } from '../options/table.js';
import { redacted } from '../redaction/secret-names.js';
import type { DiagnosedOption } from './diagnosis.js';

/** Every option of the table with its value as plain data, secrets masked, and where it came from. */
export function describeOptions({
  options,
  sources,
}: Pick<ResolveResult, 'options' | 'sources'>): DiagnosedOption[] {
  const values = createLineValues({ redact: [], maxFieldLength: 1_000 });
  const described: DiagnosedOption[] = [];
  const walk = (table: OptionEntries, resolved: Readonly<Record<string, unknown>>, prefix: string) => {
    for (const [name, entry] of Object.entries(table)) {
      const path = prefix + name;
      const value = resolved[name];
      if (entry.kind === 'group' && value !== false) {
        walk(entry.members as OptionEntries, value as Readonly<Record<string, unknown>>, `${path}.`);
        continue;
      }
      values.begin();
      const shown =
        entry.kind === 'option' && entry.secret ? masked(value) : values.field(name, plain(value));
      described.push({ name: path, value: shown, source: sources[path] ?? 'default' });
    }
  };
  walk(optionTable as unknown as OptionEntries, options, '');
  return described;
}

/** The parts of the identity that no option sets come from elsewhere; this says from where. */
export function withIdentity(
  described: readonly DiagnosedOption[],
  identity: Identity,
  servicePackage: NamedPackage,
  environment: Environment,
): DiagnosedOption[] {
  const found: Readonly<Record<string, { value: string | undefined; otherwise: DiagnosedOption['source'] }>> =
    {
      serviceName: {
        value: identity.serviceName,
        otherwise: identity.serviceName === servicePackage.name ? 'package.json' : 'default',
      },
      serviceVersion: {
        value: identity.serviceVersion,
        otherwise: identity.serviceVersion === servicePackage.version ? 'package.json' : 'default',
      },
      serviceNamespace: { value: identity.serviceNamespace, otherwise: 'default' },
      environment: {
        value: identity.environment,
        otherwise: environment.NODE_ENV ? 'environment NODE_ENV' : 'default',
      },
      team: { value: identity.team, otherwise: 'default' },
    };
  const given = described.find(({ name }) => name === 'resourceAttributes')?.value;
  const attributes = new Set(typeof given === 'object' && given !== null ? Object.values(given) : []);
  return described.map((option) => {
    const part = found[option.name];
    if (!part || option.source !== 'default' || part.value === undefined) return option;
    const source = attributes.has(part.value) ? ('resource attributes' as const) : part.otherwise;
    return { name: option.name, value: part.value, source };
  });
}

/** The names of headers are not secrets. */
function masked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value === undefined ? undefined : redacted;
  return Object.fromEntries(Object.keys(value).map((name) => [name, redacted]));
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof RegExp) return String(value);
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (typeof value !== 'object' || value === null) return value;
  const { name, instrumentationName, mode } = value as Record<string, unknown>;
  if (typeof instrumentationName === 'string') return instrumentationName;
  // A plugin or a contract: what it consists of says less than its name.
  if (typeof name === 'string') return name;
  if (mode === 'warn' || mode === 'error') return `mode ${mode}`;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null
    ? value
    : String(value.constructor?.name || 'an object');
}
