/*
 * The results as a page with tables and charts. They are kept by major version of Node and by scenario, so that one
 * of them can be measured again; the page is always written from all of them.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chart } from './chart.mjs';
import { scenarios } from './scenarios.mjs';

const fileOf = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const resultsFile = fileOf('bench/compare/results.json');
const [nodeMajor] = process.versions.node.split('.');

/** Keeps what was measured in one scenario. */
export function keep(scenario, result) {
  const results = readResults();
  const ofNode = { ...results[nodeMajor], [scenario]: result };
  const all = { ...results, [nodeMajor]: inOrder(ofNode) };
  writeFileSync(resultsFile, `${JSON.stringify(all, rounded, 2)}\n`);
}

export function writePages() {
  const results = readResults();
  for (const [major, byScenario] of Object.entries(results)) {
    writeFileSync(fileOf(`docs/images/bench-node-${major}.svg`), chart(`Node ${major}`, byScenario));
  }
  writeFileSync(fileOf('docs/bench.md'), page(results));
  const costs = readFileSync(fileOf('docs/costs.md'), 'utf8');
  const [newest] = Object.entries(results).sort(([a], [b]) => Number(b) - Number(a));
  if (newest) writeFileSync(fileOf('docs/costs.md'), withSummary(costs, ...newest));
}

/** The table of the newest Node between the markers of the page about costs. */
function withSummary(costs, major, byScenario) {
  const summary = `**Compared with others** (\`npm run bench\`, Node ${major}): CPU per request as a ratio to the same service without observability, with the range of the rounds. [All results, and how they are measured](bench.md).

${ratioTable(byScenario)}`;
  return costs.replace(
    /(<!-- written by npm run bench -->\n)[\s\S]*?(<!-- until here -->)/,
    (_all, start, end) => `${start}${summary}\n${end}`,
  );
}

function readResults() {
  return existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : {};
}

function inOrder(byScenario) {
  return Object.fromEntries(
    Object.keys(scenarios)
      .filter((name) => byScenario[name])
      .map((name) => [name, byScenario[name]]),
  );
}

/** Four digits are more than a measurement has. */
function rounded(_key, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}

function page(results) {
  const versions = Object.entries(results).sort(([a], [b]) => Number(b) - Number(a));
  const sections = versions.map(([major, byScenario]) => sectionOf(major, byScenario));
  const titles = Object.values(scenarios).map(({ title, is }) => `- **${title}**: ${is}`);
  return `<!-- Written by \`npm run bench\`. -->

# Throughline and others, measured

What it costs a service to be observed, compared with other ways to do it. \`npm run bench\` repeats all of it: it installs the others into your cache folder, measures, and writes this page. Run \`npm run build\` first.

Each figure is a ratio to the same service without any observability, in the same run. 1.30 means: 30 % more CPU per request. All variants run in interleaved rounds; the tables show the median, and in brackets the lowest and the highest round. A wide range means that the machine was doing other work as well: such a figure is an order of magnitude. On another machine the ratios differ; the order hardly does.

${sections.join('\n\n')}

## The scenarios

${titles.join('\n')}

## How it is measured

- The service is the same for every variant. It gets a core to itself; the load, the backends and the databases have the others.
- Each variant is set up as its own documentation says, with its defaults. The set-ups are in \`bench/compare/setups\`, the versions in \`bench/compare/peers.mjs\`.
- Every variant exports to a local stand-in of its backend, which accepts everything. The stand-in counts what arrives. A variant of which nothing arrives is left out, with the reason.
- CPU is that of the whole process, worker threads included, from the start of the load to half a second after it. So most of the export is included. For Kafka it is from the first message to the last.
- The load is as high as the service can take. At such a load some variants drop spans when their queues are full: compare *spans received* in the details. A dropped span costs less than an exported one.
- The variants do not record the same things. The list says what each delivers.
`;
}

function sectionOf(major, byScenario) {
  const names = Object.keys(byScenario);
  const order = variantsOf(byScenario);
  const rowOf = (name, variant) => byScenario[name].rows.find((row) => row.variant === variant);
  const anyRow = (variant) => names.map((name) => rowOf(name, variant)).find((row) => row && !row.failed);
  const reasons = new Set(
    names.flatMap((name) =>
      byScenario[name].rows
        .filter((row) => row.failed)
        .map((row) => `- ${row.title} is left out (–): ${row.failed}.`),
    ),
  );
  const records = order
    .map(anyRow)
    .filter((row) => row && row.variant !== 'bare')
    .map((row) => `- **${row.title}**${row.version ? ` (${row.version})` : ''}: ${row.records}`);
  return `## Node ${major}

![CPU per request as a ratio to the bare service, Node ${major}](images/bench-node-${major}.svg)

${ratioTable(byScenario)}

${[...reasons].join('\n')}${reasons.size > 0 ? '\n\n' : ''}What each variant delivers:

${records.join('\n')}

<details>
<summary>Details of each scenario: throughput, latency, memory, start-up</summary>

${names.map((name) => detailsOf(name, byScenario[name])).join('\n\n')}

</details>`;
}

function variantsOf(byScenario) {
  return [...new Set(Object.values(byScenario).flatMap(({ rows }) => rows.map(({ variant }) => variant)))];
}

function ratioTable(byScenario) {
  const names = Object.keys(byScenario);
  const rowOf = (name, variant) => byScenario[name].rows.find((row) => row.variant === variant);
  return tableOf(
    ['CPU per request', ...names.map((name) => scenarios[name].title)],
    variantsOf(byScenario)
      .filter((variant) => variant !== 'bare')
      .map((variant) => [
        names.map((name) => rowOf(name, variant)?.title).find(Boolean),
        ...names.map((name) => {
          const row = rowOf(name, variant);
          return row === undefined || row.failed ? '–' : ratioAndRange(row);
        }),
      ]),
  );
}

function ratioAndRange({ cpuRatio, cpuRatioRange }) {
  return `${cpuRatio.toFixed(2)} (${cpuRatioRange.map((ratio) => ratio.toFixed(2)).join('–')})`;
}

function detailsOf(name, { method, rows }) {
  const { title, operation } = scenarios[name];
  const unit = operation ? 'message' : 'request';
  const table = tableOf(
    [
      '',
      `CPU per ${unit}`,
      'ratio (range)',
      'throughput',
      'p99',
      'memory',
      'start',
      `spans received per ${unit}`,
    ],
    rows
      .filter((row) => !row.failed)
      .map((row) => [
        row.title,
        `${row.cpuMicros.toFixed(0)} µs`,
        ratioAndRange(row),
        `${Math.round(row.throughputRatio * 100)} %`,
        row.p99Millis === undefined ? '–' : `${row.p99Millis.toFixed(1)} ms`,
        `${Math.round(row.rssBytes / 1_048_576)} MB`,
        `${Math.round(row.startMillis)} ms`,
        row.variant === 'bare' ? '–' : spansPerUnit(row),
      ]),
  );
  return `**${title}** (${method.measuredOn}, Node ${method.node}, ${method.cores} cores of ${method.processor}${method.pinned ? '' : ', processes not pinned'}, ${method.load} with ${method.connections} connections, ${method.rounds} rounds of ${method.seconds} s)

${table}`;
}

/** What counts spans counts traces for Datadog, whose exports say how many they have. */
function spansPerUnit({ variant, spansPerUnit: spans }) {
  return `${spans < 0.1 ? spans.toFixed(3) : spans.toFixed(2)}${variant === 'dd-trace' ? ' (traces)' : ''}`;
}

function tableOf(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
