import { parser } from '@grafana/lezer-logql';

/*
 * LogQL without Loki: a query is parsed by Grafana's published grammar, and asked of the log records that arrived
 * elsewhere, under the labels that Loki would give them by the stack's configuration. So a label that is renamed, in a
 * query or in the services or in the configuration, finds nothing. Loki's own reading of the query is not shown.
 */

/**
 * The parts of a query that name labels.
 *
 * @returns {{ matchers: Condition[], filters: Condition[], lineFilters: { operator: string, text: string }[],
 *   groups: string[], isMetric: boolean }} `matchers` stand in `{…}`, `filters` behind `|`
 * @typedef {{ label: string, operator: string, value: string }} Condition
 * @throws for a query that the grammar does not take, and for a part that is not known here
 */
export function readLogql(query) {
  const found = { matchers: [], filters: [], lineFilters: [], groups: [], isMetric: false };
  const textOf = ({ from, to }) => query.slice(from, to);
  const tree = parser.parse(query);
  tree.iterate({
    enter(node) {
      if (node.type.isError) throw notParsed(query, node);
    },
  });
  tree.iterate({
    enter(node) {
      switch (node.name) {
        case 'Matcher': {
          const [label, operator, value] = children(node.node).map(textOf);
          const condition = { label, operator, value: unquoted(value) };
          if (node.node.parent.name === 'LabelFilter') found.filters.push(condition);
          else found.matchers.push(condition);
          return false;
        }
        case 'NumberFilter': {
          const [label, operator, value] = children(node.node).map(textOf);
          found.filters.push({ label, operator, value });
          return false;
        }
        case 'LineFilter': {
          const [operator, text] = children(node.node).map(textOf);
          found.lineFilters.push({ operator, text: unquoted(text) });
          return false;
        }
        case 'Grouping':
          found.groups.push(...identifiers(node.node).map(textOf));
          return false;
        case 'MetricExpr':
          found.isMetric = true;
          return undefined;
        case 'PipelineStage': {
          const [stage] = children(node.node).filter(({ name }) => name !== 'Pipe');
          if (!['LabelFilter', 'LineFilters'].includes(stage?.name))
            throw new Error(`the stage ${textOf(node)} is not known to this check`);
          return undefined;
        }
        default:
          return undefined;
      }
    },
  });
  return found;
}

/**
 * What a query finds among log records.
 *
 * @param {ReturnType<typeof readLogql>} query
 * @param {readonly LokiRecord[]} records
 * @returns the labels of each line that is found (`stream`), or of each series (`metric`), as Loki answers
 * @throws where no record has a label that the query names
 */
export function runLogql({ matchers, filters, lineFilters, groups, isMetric }, records) {
  if (records.length === 0) return [];
  for (const { label } of matchers) {
    if (!records.some(({ labels }) => label in labels))
      throw new Error(`no stream has the label ${label}: ${namesOf(records, ({ labels }) => labels)}`);
  }
  for (const label of [...filters.map((filter) => filter.label), ...groups]) {
    const all = ({ labels, metadata }) => ({ ...labels, ...metadata });
    if (!records.some((record) => label in all(record)))
      throw new UnknownLabel(`no log line has ${label}: ${namesOf(records, all)}`);
  }
  const found = records.filter(
    ({ labels, metadata, line }) =>
      matchers.every((matcher) => holds(matcher.operator, labels[matcher.label] ?? '', matcher.value)) &&
      filters.every(({ label, operator, value }) =>
        holds(operator, labels[label] ?? metadata[label] ?? '', value),
      ) &&
      lineFilters.every(({ operator, text }) => lineHolds(operator, line, text)),
  );
  const all = found.map(({ labels, metadata }) => ({ ...labels, ...metadata }));
  if (!isMetric) return all.map((stream) => ({ stream }));
  const series = all.map((labels) =>
    Object.fromEntries(groups.filter((label) => label in labels).map((label) => [label, labels[label]])),
  );
  return [...new Map(series.map((metric) => [JSON.stringify(metric), { metric }])).values()];
}

/** No line has it yet: the one that does may still arrive. */
export class UnknownLabel extends Error {}

/**
 * A log record as VictoriaLogs gives it, with the names that Loki would give by the block `otlp_config`.
 *
 * @param {Record<string, string>} record
 * @param {{ severity_text_as_label?: boolean, resource_attributes?: { attributes_config?: readonly { action: string,
 *   attributes?: readonly string[] }[] } }} otlpConfig
 * @returns {LokiRecord}
 * @typedef {{ labels: Record<string, string>, metadata: Record<string, string>, line: string }} LokiRecord
 */
export function asLokiHasIt(record, otlpConfig) {
  const indexed = new Set(
    (otlpConfig.resource_attributes?.attributes_config ?? [])
      .filter(({ action }) => action === 'index_label')
      .flatMap(({ attributes = [] }) => attributes),
  );
  if (otlpConfig.severity_text_as_label) indexed.add('severity_text');
  const labels = {};
  const metadata = {};
  for (const [name, value] of Object.entries(record)) {
    if (name.startsWith('_')) continue;
    // Loki's label names have no dots. https://grafana.com/docs/loki/latest/send-data/otel/
    (indexed.has(name) ? labels : metadata)[name.replace(/[^\w]/g, '_')] = value;
  }
  return { labels, metadata, line: record._msg ?? '' };
}

function holds(operator, actual, wanted) {
  switch (operator) {
    case '=':
      return actual === wanted;
    case '!=':
      return actual !== wanted;
    case '>':
      return Number(actual) > Number(wanted);
    case '=~':
      return wholeMatch(wanted).test(actual);
    case '!~':
      return !wholeMatch(wanted).test(actual);
    default:
      throw new Error(`the operator ${operator} is not known to this check`);
  }
}

function lineHolds(operator, line, text) {
  switch (operator) {
    case '|=':
      return line.includes(text);
    case '!=':
      return !line.includes(text);
    case '|~':
      return new RegExp(...regularExpression(text)).test(line);
    case '!~':
      return !new RegExp(...regularExpression(text)).test(line);
    default:
      throw new Error(`the line filter ${operator} is not known to this check`);
  }
}

function wholeMatch(text) {
  const [pattern, flags] = regularExpression(text);
  return new RegExp(`^(?:${pattern})$`, flags);
}

/** Go's `(?i)` at the beginning is a flag in JavaScript. */
function regularExpression(text) {
  return text.startsWith('(?i)') ? [text.slice(4), 'is'] : [text, 's'];
}

function namesOf(records, select) {
  return [...new Set(records.flatMap((record) => Object.keys(select(record))))].sort().join(', ');
}

function children(node) {
  const found = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}

function identifiers(node) {
  return children(node).flatMap((child) => (child.name === 'Identifier' ? [child] : identifiers(child)));
}

function unquoted(text) {
  return text.startsWith('`') ? text.slice(1, -1) : JSON.parse(text);
}

function notParsed(query, { from, to }) {
  return new Error(
    `LogQL does not parse at character ${from}: ${query.slice(from, Math.max(to, from + 20))}`,
  );
}
