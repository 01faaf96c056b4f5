import type { MapAnswer } from '../../src/dev/model/api.js';
import { formatPercent, formatRate } from '../model/format.js';
import { layoutMap, nodeSize, type PlacedEdge, type PlacedNode } from '../model/map-layout.js';
import { Message } from '../parts/message.js';
import { WindowSelect, windowMillis } from '../parts/window-select.js';
import { apiPath } from '../state/api.js';
import { linkTo } from '../state/route.js';
import { serviceColour } from '../state/service-colours.js';
import { useLive } from '../state/use-live.js';

/** Services, databases and topics, with the calls and messages between them. */
export function ServiceMap() {
  const { answer, error } = useLive<MapAnswer>(apiPath('map', { window: windowMillis.value }), [
    'traces',
    'status',
  ]);
  return (
    <>
      <div class="title">
        <h1>Map</h1>
        <WindowSelect />
      </div>
      {answer && answer.nodes.length > 0 ? (
        <>
          <Drawing answer={answer} />
          <EdgeTable answer={answer} />
        </>
      ) : (
        <Message error={error}>{answer ? 'No spans yet.' : 'Loading…'}</Message>
      )}
    </>
  );
}

const kinds = { service: 'service', database: 'database', topic: 'topic', host: 'host' } as const;

function Drawing({ answer }: { answer: MapAnswer }) {
  const { nodes, edges, width, height } = layoutMap(answer.nodes, answer.edges);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide map is scrolled by the keyboard too
    <section class="scroll map" tabIndex={0} aria-label="Map of the services">
      <svg
        style={{ maxWidth: `${width}px`, minWidth: `${width * 0.6}px` }}
        viewBox={`0 0 ${width} ${height}`}
        aria-label="The table below says the same"
      >
        <defs>
          {(['ok', 'failed'] as const).map((name) => (
            <marker
              {...{ key: name, id: `arrow-${name}`, class: `arrow ${name}`, viewBox: '0 0 10 10' }}
              {...{ refX: 9, refY: 5, markerWidth: 7, markerHeight: 7, orient: 'auto-start-reverse' }}
            >
              <path d="M0 0 L10 5 L0 10 z" />
            </marker>
          ))}
        </defs>
        {edges.map((edge) => (
          <Arrow key={`${edge.from} ${edge.to}`} edge={edge} />
        ))}
        {nodes.map((node) => (
          <Node key={node.id} node={node} />
        ))}
      </svg>
    </section>
  );
}

function Arrow({ edge }: { edge: PlacedEdge }) {
  const { points, isBack, errorCount, count, ratePerSecond } = edge;
  const [start = { x: 0, y: 0 }, second = start] = points;
  const end = points.at(-1) ?? start;
  const bend = 60;
  const path = isBack
    ? `M${start.x} ${start.y} C${start.x} ${start.y + bend} ${end.x} ${end.y + bend} ${end.x} ${end.y}`
    : points.reduce((text, { x, y }, index) => {
        const before = points[index - 1];
        if (!before) return `M${x} ${y}`;
        const middle = (before.x + x) / 2;
        return `${text} C${middle} ${before.y} ${middle} ${y} ${x} ${y}`;
      }, '');
  // In the first gap after the caller, where arrows are apart and no node is.
  const label = isBack
    ? { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 + bend * 0.75 }
    : { x: (start.x + second.x) / 2, y: (start.y + second.y) / 2 };
  const isFailing = errorCount > 0;
  return (
    <g class={isFailing ? 'edge failed' : 'edge'}>
      <path d={path} marker-end={`url(#arrow-${isFailing ? 'failed' : 'ok'})`} />
      <text x={label.x} y={label.y - 6}>
        {formatRate(ratePerSecond)}
      </text>
      {isFailing && (
        <text class="error" x={label.x} y={label.y + 15}>
          {formatPercent(errorCount, count)} failed
        </text>
      )}
    </g>
  );
}

function Node({ node }: { node: PlacedNode }) {
  const { x, y, kind, name, system } = node;
  const { width, height } = nodeSize;
  const title = [system, name].filter((text) => text !== '').join(' ');
  const cut = (text: string) => (text.length > 19 ? `${text.slice(0, 18)}…` : text);
  const shape = (
    <>
      <title>{title}</title>
      <rect {...{ x, y, width, height }} rx={kind === 'service' ? 8 : kind === 'topic' ? 28 : 2} />
      <text class="kind" x={x + width / 2} y={y + 21}>
        {kind === 'service' ? kinds[kind] : `${system} ${kinds[kind]}`}
      </text>
      <text class="name" x={x + width / 2} y={y + 40}>
        {cut(name === '' ? system : name)}
      </text>
    </>
  );
  return kind === 'service' ? (
    <a class={`node ${kind} ${serviceColour(name)}`} href={linkTo('traces', { service: name })}>
      {shape}
    </a>
  ) : (
    <g class={`node ${kind}`}>{shape}</g>
  );
}

function EdgeTable({ answer }: { answer: MapAnswer }) {
  const names = new Map(
    answer.nodes.map(({ id, name, system }) => [id, [system, name].filter(Boolean).join(' ')]),
  );
  const edges = [...answer.edges].sort((a, b) => b.count - a.count);
  return (
    <div class="scroll">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col" class="number">
              Calls or messages
            </th>
            <th scope="col" class="number">
              Rate
            </th>
            <th scope="col" class="number">
              Errors
            </th>
          </tr>
        </thead>
        <tbody>
          {edges.map(({ from, to, count, errorCount, ratePerSecond }) => (
            <tr key={`${from} ${to}`}>
              <td>{names.get(from)}</td>
              <td>{names.get(to)}</td>
              <td class="number">{count.toLocaleString('en')}</td>
              <td class="number">{formatRate(ratePerSecond)}</td>
              <td class={`number${errorCount > 0 ? ' error-text' : ''}`}>
                {formatPercent(errorCount, count)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
