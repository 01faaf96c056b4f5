import type { Sample } from './soak.js';

const width = 720;
const height = 300;
const margin = { left: 56, right: 16, top: 34, bottom: 58 };

interface Line {
  readonly name: string;
  readonly samples: readonly Sample[];
  readonly member: 'heapBytes' | 'rssBytes';
  readonly colour: string;
  readonly dash: string;
}

/** The heap and the resident memory over the number of requests, with Throughline and without, as SVG. */
export function picture(observed: readonly Sample[], bare: readonly Sample[]): string {
  const lines: readonly Line[] = [
    {
      name: 'resident memory',
      samples: observed,
      member: 'rssBytes',
      colour: '#0969da',
      dash: '',
    },
    { name: 'without Throughline', samples: bare, member: 'rssBytes', colour: '#0969da', dash: '4 4' },
    { name: 'heap after a collection', samples: observed, member: 'heapBytes', colour: '#1a7f37', dash: '' },
    { name: 'without Throughline', samples: bare, member: 'heapBytes', colour: '#1a7f37', dash: '4 4' },
  ];
  const most = Math.max(...lines.flatMap(({ samples, member }) => samples.map((each) => each[member])));
  const topBytes = most * 1.1;
  const last = observed.at(-1)?.requests ?? 1;
  const bottom = height - margin.bottom;
  const x = (requests: number) => margin.left + (requests / last) * (width - margin.left - margin.right);
  const y = (bytes: number) => bottom - (bytes / topBytes) * (bottom - margin.top);
  const drawn = lines.map(({ samples, member, colour, dash }) => {
    const points = samples.map((each) => `${x(each.requests).toFixed(1)},${y(each[member]).toFixed(1)}`);
    return `<polyline fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}" points="${points.join(' ')}"/>`;
  });
  const legend = lines.map(({ name, colour, dash }, i) => {
    const left = margin.left + i * 165;
    return `<line x1="${left}" x2="${left + 22}" y1="${height - 12}" y2="${height - 12}" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/><text x="${left + 27}" y="${height - 8}">${name}</text>`;
  });
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = y(most * share).toFixed(1);
    return `<line x1="${margin.left}" x2="${width - margin.right}" y1="${at}" y2="${at}" stroke="#d0d7de"/><text x="${margin.left - 8}" y="${Number(at) + 4}" text-anchor="end">${Math.round((most * share) / 1_048_576)} MB</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#57606a">
<title>Memory of a service over its requests</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="${margin.left}" y="20">Memory of a service during ${last.toLocaleString('en')} requests, with errors, aborts and a backend that fails</text>
${grid.join('\n')}
${drawn.join('\n')}
${legend.join('\n')}
<text x="${x(0)}" y="${bottom + 18}">0</text><text x="${x(last)}" y="${bottom + 18}" text-anchor="end">${last.toLocaleString('en')} requests</text>
</svg>
`;
}
