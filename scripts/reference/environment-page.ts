import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Option, OptionGroup } from '../../packages/core/src/options/option.js';
import { optionTable } from '../../packages/core/src/options/table.js';

type Entry = Option<unknown> | OptionGroup<Record<string, unknown>>;

/** Variables that set no option, and what each is for. */
const others: Readonly<Record<string, string>> = {
  NODE_ENV: 'Names the environment if nothing else does.',
  OTEL_LOG_LEVEL:
    "How much of the OpenTelemetry SDK's own messages reaches the log. Default: errors, once a minute. With `debug`, Throughline's warnings have stacks.",
};

/** Variables that Throughline passes from one of its processes to another. Nobody sets them. */
const internal = new Set(['THROUGHLINE_DOCTOR', 'THROUGHLINE_TEST_NODES']);

/**
 * All environment variables that a service reads, by name.
 *
 * @throws Error if the code names a variable that is neither in the option table nor in the lists above
 */
export function environmentPage(root: string): string {
  const rows = new Map<string, string[]>();
  const walk = (entries: Record<string, Entry>, prefix: string) => {
    for (const [name, entry] of Object.entries(entries)) {
      if (entry.kind === 'group') walk(entry.members as Record<string, Entry>, `${prefix}${name}.`);
      else {
        for (const variable of entry.environment) {
          const note = variable.note ? ` (${variable.note})` : '';
          rows.set(variable.name, [...(rows.get(variable.name) ?? []), `\`${prefix}${name}\`${note}`]);
        }
      }
    }
  };
  walk(optionTable as unknown as Record<string, Entry>, '');
  const unknown = variablesInCode(root).filter(
    (name) =>
      !rows.has(name) &&
      !Object.hasOwn(others, name) &&
      !internal.has(name) &&
      // The beginning of several.
      ![...rows.keys()].some((variable) => variable.startsWith(`${name}_`)),
  );
  if (unknown.length > 0)
    throw new Error(`The code reads variables that are in no table: ${unknown.join(', ')}`);
  const table = [...rows]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, options]) => `| \`${name}\` | ${options.join('<br>')} |`);
  const rest = Object.entries(others).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`);
  return `<!-- Generated from the option table in packages/core/src/options/ by \`npm run generate\`; do not edit. -->

# Environment variables

Each variable sets the options beside it. [Options](options.md) says what they mean, their defaults, and which source comes first. \`OTEL_*\` variables mean what the OpenTelemetry specification says. An empty variable counts as unset. A wrong value is logged with the code \`OBS_ENVIRONMENT_INVALID\`, and the next source is used.

| variable | option |
| --- | --- |
${table.join('\n')}

## Without an option

| variable | meaning |
| --- | --- |
${rest.join('\n')}
`;
}

/** The variables that the code of core names as a text or as a member: not those of comments and messages. */
function variablesInCode(root: string): string[] {
  const folder = join(root, 'packages/core/src');
  const found = new Set<string>();
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts') || path.endsWith('.test.ts')) continue;
    const code = readFileSync(join(folder, path), 'utf8').replace(/^\s*(?:\/\/|\*|\/\*\*).*$/gm, '');
    for (const [, name] of code.matchAll(
      /(?:['"]|environment\.|\{ )((?:OTEL|THROUGHLINE)_[A-Z0-9_]*[A-Z0-9])(?:['"]|\b(?= [}=]|[ ;,)?]))/g,
    ))
      if (name !== undefined) found.add(name);
  }
  return [...found].sort();
}
