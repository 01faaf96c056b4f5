import type { Environment } from '../model/environment.js';
import { ObservabilityError } from '../model/errors.js';
import { nearestName } from '../model/nearest-name.js';
import type { Option, OptionEntries, OptionEntry, OptionGroup } from './option.js';
import { settleProtocol } from './otlp-protocol.js';
import { type OptionTable, optionTable } from './table.js';

type Value<E> =
  E extends Option<infer T>
    ? T
    : E extends OptionGroup<infer M> & { readonly canBeFalse: true }
      ? false | Values<M>
      : E extends OptionGroup<infer M>
        ? Values<M>
        : never;
type Values<T> = { readonly [K in keyof T]: Value<T[K]> };

/** Every option with its final value. */
export type ResolvedOptions = Values<OptionTable>;

type Input<E> =
  E extends Option<infer T>
    ? Exclude<T, undefined>
    : E extends OptionGroup<infer M> & { readonly shorthand: infer S extends string }
      ? false | Inputs<M> | Input<M[S & keyof M]>
      : E extends OptionGroup<infer M> & { readonly canBeFalse: true }
        ? false | Inputs<M>
        : E extends OptionGroup<infer M>
          ? Inputs<M>
          : never;
/** The shape of the options that users pass, derived from the table; the generated interface must equal it. */
export type Inputs<T> = { readonly [K in keyof T]?: Input<T[K]> | undefined };

/** Where the value of an option came from. */
export type OptionSource =
  | 'code'
  | `environment ${string}`
  | 'config file'
  /** The protocol that belongs to the port. */
  | 'port of the endpoint'
  /** Plugins that the `register` entry found. */
  | 'installed packages'
  | 'default';

export interface ResolveResult {
  readonly options: ResolvedOptions;
  /**
   * Source by the option's full name, for example `traces.endpoint`. A group that can be `false` has one where it is
   * given as a whole, in code or in the config file.
   */
  readonly sources: Readonly<Record<string, OptionSource>>;
  /** One warning for each wrong environment variable or config file value. The next source was already used. */
  readonly warnings: readonly ObservabilityError[];
}

/**
 * Resolves every option: from code, else the environment, else the config file, else the default. A wrong value in code
 * throws. In the environment or the config file it becomes a warning, and the next source is used.
 */
export function resolveOptions(
  code: Inputs<OptionTable> = {},
  environment: Environment = {},
  configFile: Inputs<OptionTable> = {},
): ResolveResult {
  const sources: Record<string, OptionSource> = {};
  const warnings: ObservabilityError[] = [];

  const fromConfigFile = forgiving('OBS_CONFIG_FILE_INVALID', warnings);
  const strict = (use: () => void) => use();

  assertKnown(optionTable as OptionEntries, code, '', strict);
  assertKnown(optionTable as OptionEntries, configFile, '', fromConfigFile);
  const options = resolveGroup(
    optionTable as OptionEntries,
    code,
    configFile,
    '',
  ) as unknown as ResolvedOptions;
  return { options: withProtocols(options), sources, warnings };

  function withProtocols({ traces, logs, metrics, ...others }: ResolvedOptions): ResolvedOptions {
    const push = metrics.push && settleProtocol(metrics.push, 'metrics.push', sources);
    return {
      ...others,
      traces: settleProtocol(traces, 'traces', sources),
      logs: settleProtocol(logs, 'logs', sources),
      metrics: { ...metrics, push },
    };
  }

  function resolveGroup(
    table: OptionEntries,
    code: unknown,
    file: unknown,
    prefix: string,
  ): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (const [name, entry] of Object.entries(table)) {
      const path = prefix + name;
      const codeValue = asMembers(entry, member(code, name));
      const fileValue = asMembers(entry, member(file, name));
      if (entry.kind === 'option') {
        values[name] = resolveOption(entry, path, codeValue, fileValue);
      } else if (
        entry.canBeFalse &&
        (codeValue === false || (codeValue === undefined && fileValue === false))
      ) {
        values[name] = false;
        sources[path] = codeValue === false ? 'code' : 'config file';
      } else {
        if (entry.canBeFalse) {
          if (isObject(codeValue)) sources[path] = 'code';
          else if (isObject(fileValue)) sources[path] = 'config file';
        }
        values[name] = resolveGroup(entry.members as OptionEntries, codeValue, fileValue, `${path}.`);
      }
    }
    return values;
  }

  function resolveOption(entry: Option<unknown>, path: string, code: unknown, file: unknown): unknown {
    const found: { value: unknown; source: OptionSource }[] = [];
    if (code !== undefined) found.push({ value: check(entry, path, code), source: 'code' });
    for (const variable of entry.environment) {
      const text = environment[variable.name];
      // An empty variable counts as unset: OpenTelemetry specification, "Parsing empty value".
      if (text === undefined || text.trim() === '') continue;
      try {
        found.push({ value: variable.parse(text), source: `environment ${variable.name}` });
        break;
      } catch (error) {
        warnings.push(
          new ObservabilityError(
            'OBS_ENVIRONMENT_INVALID',
            `${variable.name}=${entry.secret ? '…' : shown(text)} is ignored: it ${(error as Error).message}.`,
          ),
        );
      }
    }
    if (file !== undefined) {
      fromConfigFile(() => {
        found.push({ value: check(entry, path, file), source: 'config file' });
      });
    }
    const first = found[0];
    sources[path] = first?.source ?? 'default';
    if (!first) return entry.fallback;
    // Resource attributes are merged. For every other option only the first source counts.
    if (path === 'resourceAttributes') return Object.assign({}, ...found.map((f) => f.value).reverse());
    return first.value;
  }
}

function member(values: unknown, name: string): unknown {
  if (!isObject(values)) return undefined;
  // A member that other code has added to Object.prototype is not an option.
  if (!Object.hasOwn(values, name) && Object.hasOwn(Object.prototype, name)) return undefined;
  return Reflect.get(values, name);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The value of a group as an object, also if the short form was given. */
function asMembers(entry: OptionEntry, value: unknown): unknown {
  if (entry.kind !== 'group' || entry.shorthand === undefined) return value;
  return typeof value === 'string' || Array.isArray(value) ? { [entry.shorthand]: value } : value;
}

function check(entry: Option<unknown>, path: string, value: unknown): unknown {
  try {
    return entry.parse(value);
  } catch (error) {
    if (error instanceof ObservabilityError) throw error;
    throw new ObservabilityError(
      'OBS_OPTION_INVALID',
      `Option '${path}' ${(error as Error).message}${entry.secret ? '' : `; it got ${shown(value)}`}.`,
    );
  }
}

function assertKnown(
  table: OptionEntries,
  values: unknown,
  prefix: string,
  attempt: (use: () => void) => void,
): void {
  attempt(() => {
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      const place = prefix === '' ? 'The options' : `Option '${prefix.slice(0, -1)}'`;
      throw new ObservabilityError(
        'OBS_OPTION_INVALID',
        `${place} must be an object; it got ${shown(values)}.`,
      );
    }
  });
  if (typeof values !== 'object' || values === null) return;
  for (const [name, value] of Object.entries(values)) {
    const entry = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!entry) {
      attempt(() => {
        throw new ObservabilityError('OBS_OPTION_UNKNOWN', unknownOption(table, prefix, name));
      });
    } else if (entry.kind === 'group' && value !== undefined && !(entry.canBeFalse && value === false)) {
      assertKnown(entry.members as OptionEntries, asMembers(entry, value), `${prefix}${name}.`, attempt);
    }
  }
}

function unknownOption(table: OptionEntries, prefix: string, name: string): string {
  const known = Object.keys(table);
  const nearest = nearestName(name, known);
  const hint =
    nearest === undefined
      ? `known here: ${known.map((key) => prefix + key).join(', ')}.`
      : `did you mean '${prefix}${nearest}'?`;
  return `Option '${prefix}${name}' does not exist; ${hint}`;
}

/** A value for an error message, shortened so that it cannot reveal a secret. */
function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`;
  if (typeof value === 'function') return `a function (${value.name || 'anonymous'})`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return `an object (${Object.keys(value).join(', ')})`;
  return String(value);
}

function forgiving(code: 'OBS_CONFIG_FILE_INVALID', warnings: ObservabilityError[]) {
  return (use: () => void): void => {
    try {
      use();
    } catch (error) {
      warnings.push(new ObservabilityError(code, `throughline.config: ${(error as Error).message}`));
    }
  };
}
