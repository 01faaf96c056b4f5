import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import ts from 'typescript';
import { parse, sourcesOfService, visitAll } from './source-files.js';

interface Metric {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets: readonly number[];
  /** Path from the root of the workspace. */
  readonly file: string;
}

/** The groups of the page, by the folder of core that declares the metrics. */
const groups = [
  { title: 'HTTP', folders: ['http'] },
  { title: 'gRPC and AWS', folders: ['rpc'] },
  { title: 'GraphQL', folders: ['graphql'] },
  { title: 'Databases', folders: ['databases'] },
  { title: 'Messages', folders: ['messaging'] },
  { title: 'Jobs', folders: ['jobs'] },
  { title: 'Throughline itself', folders: ['metrics', 'cluster', 'legacy'] },
] as const;

/** The functions and classes that declare a metric. */
const declarations: Readonly<Record<string, Metric['kind']>> = {
  createBindableCounter: 'counter',
  createBindableHistogram: 'histogram',
  createCounter: 'counter',
  createGauge: 'gauge',
  createHistogram: 'histogram',
  declareCounter: 'counter',
  SeriesGauge: 'gauge',
  SeriesHistogram: 'histogram',
  Counter: 'counter',
  Gauge: 'gauge',
  Histogram: 'histogram',
};

/** Metrics that are made when they are asked for. Their code names them, and describes them here. */
const made = [
  '| `throughline_cluster_members` | gauge | `result` | Processes and threads in this answer, and those that did not answer in time. |',
  '| `throughline_worker_info` | info | `worker`, `service_instance_id` | The process or thread behind each value of the label `worker`. |',
  '| `target_info` | info | | Resource attributes of this process that are not labels. |',
];

/**
 * The reference of all metrics that core declares, read from their declarations.
 *
 * @throws Error for a declaration that cannot be read, or a folder without a group
 */
export function metricsPage(root: string): string {
  const metrics = declaredMetrics(root);
  const sections = groups.map(({ title, folders }) => {
    const rows = metrics
      .filter(({ file }) => folders.some((folder) => file.startsWith(`packages/core/src/${folder}/`)))
      .map(row)
      .concat(title === 'Throughline itself' ? made : []);
    return `## ${title}\n\n| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  const grouped = new Set<string>(groups.flatMap(({ folders }) => folders));
  for (const { name, file } of metrics)
    if (!grouped.has(file.split('/')[3] ?? '')) throw new Error(`${file} declares ${name}, and has no group`);
  return `<!-- Generated from the declarations in packages/core/src by \`npm run generate\`; do not edit. -->

# Metrics

Every series also has the labels of the [identity](../signals.md#identity). [Signals](../signals.md#metrics) explains what the labels mean, and when a metric is there. \`process_*\` and \`nodejs_*\` are those of prom-client.

Buckets are upper bounds in the unit of the metric.

${sections.join('\n')}`;
}

function row({ name, kind, help, labels, buckets }: Metric): string {
  const details = buckets.length > 0 ? [help, `Buckets: ${buckets.join(', ')}.`] : [help];
  return `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${details.join(' ')} |`;
}

/** All metrics that core declares, in the order of their files. */
export function declaredMetrics(root: string): Metric[] {
  return [...sourcesOfService(root, /\bhelp:\s*['"`]/)].flatMap(({ path, tree }) =>
    metricsOfFile(root, path, tree),
  );
}

function metricsOfFile(root: string, file: string, source: ts.SourceFile): Metric[] {
  const found: Metric[] = [];
  visitAll(source, (node) => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const kind = declarations[node.expression.getText(source)];
      const options = node.arguments?.find(ts.isObjectLiteralExpression);
      if (kind && options) found.push({ kind, file, ...read(root, file, source, options) });
    }
  });
  return found;
}

function read(root: string, file: string, source: ts.SourceFile, options: ts.ObjectLiteralExpression) {
  const value = (name: string) => {
    for (const property of options.properties) {
      if (property.name?.getText(source) !== name) continue;
      if (ts.isPropertyAssignment(property)) return readValue(root, file, source, property.initializer);
      if (ts.isShorthandPropertyAssignment(property)) return readValue(root, file, source, property.name);
    }
    return undefined;
  };
  const [name, help] = [value('name'), value('help')];
  if (typeof name !== 'string' || typeof help !== 'string')
    throw new Error(`${file}: a metric without a name and a help text that can be read`);
  return {
    name,
    help,
    labels: (value('labelNames') ?? []) as string[],
    buckets: (value('buckets') ?? []) as number[],
  };
}

/** The value of a text, a number, a list, or the name of a constant; it may come from another file of core. */
function readValue(root: string, file: string, source: ts.SourceFile, node: ts.Expression): unknown {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text.replaceAll('_', ''));
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node))
    return readValue(root, file, source, node.expression);
  if (ts.isArrayLiteralExpression(node)) {
    return node.elements.flatMap((element) =>
      readValue(root, file, source, ts.isSpreadElement(element) ? element.expression : element),
    );
  }
  if (ts.isIdentifier(node)) {
    const here = constants(source).get(node.text);
    if (here) return readValue(root, file, source, here);
    const from = importOf(source, node.text);
    if (from !== undefined) {
      const path = posix.join(dirname(file), from.replace(/\.js$/, '.ts'));
      const other = parse(path, readFileSync(join(root, path), 'utf8'));
      const there = constants(other).get(node.text);
      if (there) return readValue(root, path, other, there);
    }
  }
  throw new Error(`${file}: '${node.getText(source)}' cannot be read. Write it as a list or a constant.`);
}

function constants(source: ts.SourceFile): Map<string, ts.Expression> {
  const found = new Map<string, ts.Expression>();
  visitAll(source, (node) => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer)
      found.set(node.name.text, node.initializer);
  });
  return found;
}

function importOf(source: ts.SourceFile, name: string): string | undefined {
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const bindings = statement.importClause?.namedBindings;
    if (!bindings || !ts.isNamedImports(bindings)) continue;
    if (bindings.elements.some((element) => element.name.text === name))
      return (statement.moduleSpecifier as ts.StringLiteral).text;
  }
  return undefined;
}
