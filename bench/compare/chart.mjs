/* A bar for each variant in a panel for each scenario, as SVG that follows the light or dark theme of its reader. */
import { scenarios } from './scenarios.mjs';

const panelWidth = 372;
const labelWidth = 158;
const valueWidth = 36;
const barHeight = 12;
const barStep = 18;
const gap = 16;

export function chart(title, byScenario) {
  const names = Object.keys(byScenario);
  const rowsOf = (name) =>
    byScenario[name].rows.filter(({ variant, failed }) => variant !== 'bare' && !failed);
  const most = Math.max(1, ...names.flatMap((name) => rowsOf(name).map(({ cpuRatio }) => cpuRatio)));
  const panelHeight = 34 + barStep * Math.max(1, ...names.map((name) => rowsOf(name).length));
  const width = gap * 3 + panelWidth * 2;
  const height = 64 + Math.ceil(names.length / 2) * (panelHeight + gap);
  const panels = names.map((name, i) => {
    const x = gap + (i % 2) * (panelWidth + gap);
    const y = 56 + Math.floor(i / 2) * (panelHeight + gap);
    return `<g transform="translate(${x} ${y})">${panel(scenarios[name].title, rowsOf(name), most)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">
<title>CPU per request as a ratio to the bare service, ${title}</title>
<style>
  .ground { fill: #ffffff } text { fill: #57606a } .title { fill: #1f2328; font-weight: 600 }
  .bar { fill: #afb8c1 } .own { fill: #0969da } .bare { stroke: #57606a; stroke-dasharray: 3 3 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } text { fill: #9198a1 } .title { fill: #f0f6fc }
    .bar { fill: #484f58 } .own { fill: #4493f8 } .bare { stroke: #9198a1 }
  }
</style>
<rect class="ground" width="${width}" height="${height}"/>
<text class="title" x="${gap}" y="24" font-size="14">CPU per request, ${title}: shorter is cheaper</text>
<text x="${gap}" y="42">The dashed line is the service without observability (1.00).</text>
${panels.join('\n')}
</svg>
`;
}

function panel(title, rows, most) {
  const scale = (panelWidth - labelWidth - valueWidth) / most;
  const bars = rows.map((row, i) => {
    const y = 26 + i * barStep;
    const length = row.cpuRatio * scale;
    const isOwn = row.title.startsWith('Throughline');
    return `<text x="${labelWidth - 8}" y="${y + 10}" text-anchor="end">${row.title}</text><rect class="bar${isOwn ? ' own' : ''}" x="${labelWidth}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="2"/><text x="${(labelWidth + length + 6).toFixed(1)}" y="${y + 10}">${row.cpuRatio.toFixed(2)}</text>`;
  });
  const bare = (labelWidth + scale).toFixed(1);
  return `<text class="title" y="12">${title}</text>
${bars.join('\n')}
<line class="bare" x1="${bare}" x2="${bare}" y1="22" y2="${26 + rows.length * barStep}"/>`;
}
