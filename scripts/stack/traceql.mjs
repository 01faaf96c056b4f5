import { parser } from '@grafana/lezer-traceql';

/*
 * TraceQL without Tempo: a query is parsed by Grafana's published grammar, and asked of the spans that arrived
 * elsewhere. So an attribute that is renamed, in a query or in the services, finds nothing. Tempo's own reading of the
 * query is not shown.
 */

/** @throws for a query that TraceQL's published grammar does not take */
export function checkTraceql(query) {
  parser.parse(query).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) {
        throw new Error(
          `TraceQL does not parse at character ${from}: ${query.slice(from, Math.max(to, from + 20))}`,
        );
      }
    },
  });
}

/**
 * Whether a query of one span filter finds one of the spans.
 *
 * @param {string} query
 * @param {readonly import('./traces.mjs').Span[]} spans
 * @throws where no span has an attribute that the query names, and for a part that is not known here
 */
export function findsSpan(query, spans) {
  checkTraceql(query);
  if (spans.length === 0) return false;
  const filters = [];
  parser.parse(query).iterate({
    enter(node) {
      if (node.name === 'SpansetFilter') filters.push(node.node.getChild('FieldExpression'));
      if (node.name !== 'AttributeField') return;
      const field = query.slice(node.from, node.to);
      if (!spans.some((span) => attributeOf(span, field) !== undefined)) {
        const names = new Set(
          spans.flatMap(({ resource, attributes }) => Object.keys({ ...resource, ...attributes })),
        );
        throw new Error(`no span has ${field}: ${[...names].sort().join(', ')}`);
      }
    },
  });
  if (filters.length !== 1)
    throw new Error('a query of more than one span filter is not known to this check');
  const [filter] = filters;
  return spans.some((span) => !filter || holds(query, filter, span));
}

function holds(query, expression, span) {
  const parts = children(expression);
  const textOf = ({ from, to }) => query.slice(from, to);
  if (parts.length !== 3) {
    // Parentheses around another one.
    const inner = parts.filter(({ name }) => name === 'FieldExpression');
    if (inner.length === 1) return holds(query, inner[0], span);
    throw new Error(`${textOf(expression)} is not known to this check`);
  }
  const [left, operator, right] = parts;
  if (operator.name === 'And') return holds(query, left, span) && holds(query, right, span);
  if (operator.name === 'Or') return holds(query, left, span) || holds(query, right, span);
  return compare(textOf(operator), fieldValue(textOf(left), span), textOf(right));
}

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const statuses = ['unset', 'ok', 'error'];

function fieldValue(field, span) {
  switch (field) {
    case 'name':
      return span.name;
    case 'kind':
      return kinds[span.kind ?? 0];
    case 'status':
      return statuses[span.status?.code ?? 0];
    case 'duration':
      return Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano));
    default:
      return attributeOf(span, field);
  }
}

function attributeOf({ resource, attributes }, field) {
  const [, scope, name] = /^(resource|span)?\.(.*)$/s.exec(field) ?? [];
  if (name === undefined) throw new Error(`the field ${field} is not known to this check`);
  if (scope === 'resource') return resource[name];
  return attributes[name] ?? (scope === undefined ? resource[name] : undefined);
}

function compare(operator, actual, text) {
  const wanted = literal(text);
  switch (operator) {
    case '=':
      return actual === wanted;
    case '!=':
      return actual !== undefined && actual !== wanted;
    case '>':
      return actual > wanted;
    case '>=':
      return actual >= wanted;
    case '<':
      return actual < wanted;
    case '<=':
      return actual <= wanted;
    case '=~':
      return actual !== undefined && new RegExp(`^(?:${wanted})$`, 's').test(actual);
    case '!~':
      return actual !== undefined && !new RegExp(`^(?:${wanted})$`, 's').test(actual);
    default:
      throw new Error(`the operator ${operator} is not known to this check`);
  }
}

const nanosOf = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3_600e9 };

function literal(text) {
  if (/^["`]/.test(text)) return text.startsWith('`') ? text.slice(1, -1) : JSON.parse(text);
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)?$/.exec(text) ?? [];
  if (number !== undefined) return Number(number) * (nanosOf[unit] ?? 1);
  return text;
}

function children(node) {
  const found = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}
