import type { Sample } from './soak.js';

const width = 720;
const height = 260;
const margin = { left: 56, right: 16, top: 34, bottom: 36 };

/** The heap and the resident memory over the number of requests, as SVG. */
export function picture(samples: readonly Sample[]): string {
  const most = Math.max(...samples.map(({ rssBytes }) => rssBytes)) * 1.1;
  const last = samples.at(-1)?.requests ?? 1;
  const x = (requests: number) => margin.left + (requests / last) * (width - margin.left - margin.right);
  const y = (bytes: number) =>
    height - margin.bottom - (bytes / most) * (height - margin.top - margin.bottom);
  const line = (member: 'heapBytes' | 'rssBytes', colour: string) =>
    `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${samples.map((sample) => `${x(sample.requests).toFixed(1)},${y(sample[member]).toFixed(1)}`).join(' ')}"/>`;
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const bytes = (most / 1.1) * share;
    return `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y(bytes).toFixed(1)}" y2="${y(bytes).toFixed(1)}" stroke="#d0d7de"/><text x="${margin.left - 8}" y="${(y(bytes) + 4).toFixed(1)}" text-anchor="end">${Math.round(bytes / 1_048_576)} MB</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#57606a">
<title>Memory of a service over its requests</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="${margin.left}" y="20">Memory of a service during ${last.toLocaleString('en')} requests, with errors, aborts and a backend that fails</text>
${grid.join('\n')}
${line('rssBytes', '#0969da')}
${line('heapBytes', '#1a7f37')}
<text x="${width - margin.right}" y="${(y(samples.at(-1)?.rssBytes ?? 0) - 8).toFixed(1)}" text-anchor="end" fill="#0969da">resident memory</text>
<text x="${width - margin.right}" y="${(y(samples.at(-1)?.heapBytes ?? 0) - 8).toFixed(1)}" text-anchor="end" fill="#1a7f37">heap after a collection</text>
<text x="${x(0)}" y="${height - 12}">0</text><text x="${x(last)}" y="${height - 12}" text-anchor="end">${last.toLocaleString('en')} requests</text>
</svg>
`;
}
