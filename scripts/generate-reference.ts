/*
 * Writes what is generated from the option table, the doc comments of what core exports, the catalogues of errors and of
 * findings, the declarations of metrics, and the help of the command line:
 *   packages/core/src/instance/observability-options.ts   docs/reference/*.md
 * With --check it writes nothing and fails if a file is not current.
 */
import { execFileSync } from 'node:child_process';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandErrorCatalogue } from '../packages/cli/src/command-line/errors.js';
import { commandFindingCatalogue } from '../packages/cli/src/command-line/findings.js';
import { findingCatalogue } from '../packages/core/src/diagnosis/findings.js';
import { errorCatalogue } from '../packages/core/src/model/errors.js';
import type { Option, OptionGroup } from '../packages/core/src/options/option.js';
import { optionTable } from '../packages/core/src/options/table.js';
import { apiPage } from './api-page.js';
import { writeOrCheck } from './generated-files.js';
import { commandPage } from './reference/command-page.js';
import { environmentPage } from './reference/environment-page.js';
import { logFieldsPage } from './reference/log-fields-page.js';
import { metricsPage } from './reference/metrics-page.js';
import { spansPage } from './reference/spans-page.js';
import { storeysPicture } from './reference/storeys-picture.js';

type Entry = Option<unknown> | OptionGroup<Record<string, unknown>>;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const api = apiPage(root);
if (api.faults.length > 0) {
  console.error(`Wrong with what the packages export:\n  ${api.faults.join('\n  ')}`);
  process.exitCode = 1;
}

const files: Record<string, string> = {
  'docs/reference/api.md': api.text,
  'docs/reference/findings.md': findingsPage(),
  'packages/core/src/instance/observability-options.ts': formatted(optionsInterface()),
  'docs/reference/options.md': optionsPage(),
  'docs/reference/errors.md': errorsPage(),
  'docs/reference/command-line.md': await commandPage(),
  'docs/reference/environment.md': environmentPage(root),
  'docs/reference/metrics.md': metricsPage(root),
  'docs/reference/spans.md': spansPage(root),
  'docs/reference/log-fields.md': logFieldsPage(root),
  'docs/images/storeys.svg': storeysPicture(root),
};

writeOrCheck(root, files);

function optionsInterface(): string {
  return `// Generated from the option table by \`npm run generate\`; do not edit.
import type { IncomingMessage } from 'node:http';
import type { TextMapPropagator } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { Sampler, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Contract } from '../contract/contract.js';
import type { LogLevel } from '../model/log-level.js';
import type { LogDestination } from '../options/log-options.js';
import type { MetricExporterName, MetricRegistry } from '../options/metric-options.js';
import type { PropagatorName, SamplerName } from '../options/trace-options.js';
import type { ObservabilityPlugin } from '../plugin/plugin.js';

/** Options of \`initObservability\`. All are optional. docs/reference/options.md lists them as a table. */
export interface ObservabilityOptions ${members(optionTable as unknown as Record<string, Entry>)}
`;
}

function members(entries: Record<string, Entry>): string {
  const lines = Object.entries(entries).map(([name, entry]) => {
    if (entry.kind === 'group') {
      const short = entry.shorthand && (entry.members[entry.shorthand] as Option<unknown>).type;
      const type = `${entry.canBeFalse ? 'false | ' : ''}${short ? `${short} | ` : ''}${members(entry.members as Record<string, Entry>)}`;
      return `/** ${entry.description} */\nreadonly ${name}?: ${type} | undefined;`;
    }
    const details = [
      entry.description,
      ...(defaultText(entry) ? [`Default: ${defaultText(entry)}.`] : []),
      ...(entry.environment.length > 0
        ? [`Environment: ${entry.environment.map((variable) => variable.name).join(', ')}.`]
        : []),
    ];
    return `/** ${details.join(' ')} */\nreadonly ${name}?: ${entry.type} | undefined;`;
  });
  return `{\n${lines.join('\n')}\n}`;
}

function defaultText(entry: Option<unknown>): string {
  if (entry.fallbackText) return entry.fallbackText;
  return entry.fallback === undefined ? '' : `\`${shown(entry.fallback)}\``;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  return typeof value === 'string' ? `'${value}'` : String(value);
}

function formatted(source: string): string {
  return execFileSync(
    process.execPath,
    [
      join(root, 'node_modules/@biomejs/biome/bin/biome'),
      'format',
      '--stdin-file-path=packages/core/src/instance/observability-options.ts',
    ],
    { cwd: root, input: source, encoding: 'utf8' },
  );
}

function optionsPage(): string {
  const rows: string[] = [];
  const walk = (entries: Record<string, Entry>, prefix: string) => {
    for (const [name, entry] of Object.entries(entries)) {
      if (entry.kind === 'group') {
        const off = entry.canBeFalse ? ' Takes `false`.' : '';
        rows.push(`| **\`${prefix}${name}\`** | | | | ${entry.description}${off} |`);
        walk(entry.members as Record<string, Entry>, `${prefix}${name}.`);
        continue;
      }
      const variables = entry.environment.map(
        (variable) => `\`${variable.name}\`${variable.note ? ` (${variable.note})` : ''}`,
      );
      rows.push(
        `| \`${prefix}${name}\` | ${code(entry.type)} | ${defaultText(entry).replaceAll('|', '\\|')} | ${variables.join(', ')} | ${entry.description} |`,
      );
    }
  };
  walk(optionTable as unknown as Record<string, Entry>, '');
  return `<!-- Generated from the option table in packages/core/src/options/ by \`npm run generate\`; do not edit. -->

# Options

Each option is taken from the first place that sets it: code (the argument of \`initObservability\`), the environment, the [config file](../init.md#where-the-config-file-and-the-plugins-are-found) (\`throughline.config.mjs\`, \`.js\` or \`.cjs\`, with \`@throughline/core/register\`), the default. \`resourceAttributes\` alone adds up from all of them.

A wrong value in code throws an \`ObservabilityError\` at start. A wrong environment variable or config file is logged with its code, and the next place is used. An empty variable counts as unset. If a row lists several variables, the first that is set counts.

| option | type | default | environment | meaning |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

Further variables of the OpenTelemetry specification are read by the stock SDK itself: \`OTEL_EXPORTER_OTLP_CERTIFICATE\`, \`OTEL_EXPORTER_OTLP_CLIENT_KEY\`, \`OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE\` and their per-signal forms, and the limits \`OTEL_ATTRIBUTE_COUNT_LIMIT\`, \`OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT\`, \`OTEL_SPAN_*_COUNT_LIMIT\`. \`OTEL_LOG_LEVEL\` sets how much of the SDK's own messages reaches the log (default: errors, once a minute). \`NODE_ENV\` names the environment where nothing else does.
`;
}

function code(type: string): string {
  return `\`${type.replaceAll('|', '\\|')}\``;
}

function errorsPage(): string {
  const sections = (catalogue: Readonly<Record<string, { message: string; cause: string; fix: string }>>) =>
    Object.entries(catalogue)
      .map(
        ([name, entry]) =>
          `## ${name}\n\n${entry.message}\n\n- **Cause.** ${entry.cause}\n- **Fix.** ${withLinks(entry.fix)}\n`,
      )
      .join('\n');
  return `<!-- Generated from packages/core/src/model/errors.ts and packages/cli/src/command-line/errors.ts by \`npm run generate\`; do not edit. -->

# Errors

What Throughline throws at start (as \`ObservabilityError\`, with \`code\`, \`fix\` and \`help\`), and what it logs at run time (as a warning with these three fields). Nothing is thrown at run time. \`npx throughline explain <code>\` prints an entry. What only the command line reports is [at the end](#errors-of-the-command-line).

${sections(errorCatalogue)}
# Errors of the command line

\`throughline\` prints these with the fix, and its exit code is 2. \`defineSlo\` throws \`OBS_SLO_INVALID\`.

${sections(commandErrorCatalogue)}`;
}

/** On the page, a page that a message names is a link. */
function withLinks(fix: string): string {
  return fix.replace(/node_modules\/@throughline\/core\/docs\/([\w/-]+\.md)/g, (_, page: string) => {
    return `[docs/${page}](${posix.relative('reference', page)})`;
  });
}

function findingsPage(): string {
  const levels = { error: 'Error', warning: 'Warning', info: 'Hint' };
  const sections = (
    catalogue: Readonly<
      Record<string, { level: keyof typeof levels; message: string; cause: string; fix: string }>
    >,
  ) =>
    Object.entries(catalogue)
      .map(
        ([name, entry]) =>
          `## ${name}\n\n${entry.message}\n\n- **Level.** ${levels[entry.level]}.\n- **Cause.** ${entry.cause}\n- **Fix.** ${withLinks(entry.fix)}\n`,
      )
      .join('\n');
  return `<!-- Generated from packages/core/src/diagnosis/findings.ts and packages/cli/src/command-line/findings.ts by \`npm run generate\`; do not edit. -->

# Findings

What [\`throughline doctor\`](../doctor.md) and \`observability.diagnose()\` find beyond the [errors](errors.md) that a service reports by itself, which keep their codes. \`npx throughline explain <code>\` prints an entry. The message of a finding contains the details of the case. Its level may then differ too.

${sections(findingCatalogue)}
# Findings of the command line

${sections(commandFindingCatalogue)}`;
}
