import { readStoreys, type Storey } from './storeys.js';

const titles: Readonly<Record<Storey['name'], readonly [name: string, about: string]>> = {
  packages: ['Packages', 'plugins and the command, each built on the entries of core'],
  entries: ['Entries of core', 'what users and plugins import'],
  assembly: ['Assembly', 'joins the wings into one instance, and ends it'],
  wings: ['Wings', 'one concern each; a wing imports no other wing'],
  vocabulary: ['Vocabulary', 'what all of the above share'],
};

const width = 960;
const left = 24;
const arrowsWidth = 150;
const chipHeight = 28;
const gap = 8;
const characterWidth = 7.7;

/**
 * The picture of the storeys of core. Boxes are the storeys of the rules, and arrows are the imports that the code has.
 * So it cannot differ from either.
 */
export function storeysPicture(root: string): string {
  const { storeys, imports } = readStoreys(root);
  const boxes: string[] = [];
  const middles = new Map<Storey['name'], number>();
  let top = 16;
  for (const { name, parts } of storeys) {
    const chips = placed(parts);
    const height = 52 + (Math.max(...chips.map(({ row }) => row)) + 1) * (chipHeight + gap) + 4;
    const [title, about] = titles[name];
    boxes.push(
      `<rect class="box" x="${left}" y="${top}" width="${width - arrowsWidth - left}" height="${height}" rx="10"/>`,
      `<text x="${left + 16}" y="${top + 30}"><tspan class="title">${title}</tspan><tspan class="about" dx="14">${about}</tspan></text>`,
      ...chips.map(({ part, x, row, chipWidth }) => {
        const y = top + 46 + row * (chipHeight + gap);
        return `<rect class="chip" x="${x}" y="${y}" width="${chipWidth}" height="${chipHeight}" rx="6"/><text class="part" x="${x + chipWidth / 2}" y="${y + 19}">${part}</text>`;
      }),
    );
    middles.set(name, top + height / 2);
    top += height + 22;
  }
  const right = width - arrowsWidth;
  const arrows = imports.map(({ from, to }, index) => {
    const [start = 0, end = 0] = [middles.get(from), middles.get(to)];
    // Arrows that leave or reach the same box are apart, and longer ones are further out.
    const shift = ((index % 4) - 1.5) * 11;
    const out = right + 22 + (end - start) / 7;
    return `<path class="arrow" d="M${right} ${start + shift} C${out} ${start + shift} ${out} ${end + shift} ${right + 7} ${end + shift}" marker-end="url(#head)"/>`;
  });
  const labels = imports.map(({ from, to }) => `${from} → ${to}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" role="img" aria-labelledby="title description">
<!-- Drawn from .dependency-cruiser.mjs and the imports of the code by \`npm run generate\`; do not edit. -->
<title id="title">The storeys of Throughline: all imports go down</title>
<desc id="description">Imports: ${labels.join(', ')}.</desc>
<style>
svg { font-family: system-ui, sans-serif; background: #ffffff; }
.box { fill: #f5f7f9; stroke: #d5dce3; }
.chip { fill: #ffffff; stroke: #b9c4cf; }
.title { font-size: 17px; font-weight: 600; fill: #1b2430; }
.about { font-size: 14px; fill: #566270; }
.part { font: 13px ui-monospace, monospace; text-anchor: middle; fill: #0f766e; }
.arrow { fill: none; stroke: #566270; stroke-width: 1.6; }
.head { fill: #566270; }
@media (prefers-color-scheme: dark) {
  svg { background: #10161d; }
  .box { fill: #18202a; stroke: #36414d; }
  .chip { fill: #10161d; stroke: #465361; }
  .title { fill: #dce3ea; }
  .about { fill: #93a1b0; }
  .part { fill: #45c8ba; }
  .arrow { stroke: #93a1b0; }
  .head { fill: #93a1b0; }
}
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="1" refY="4" markerWidth="6" markerHeight="6" orient="auto"><path class="head" d="M8 0 L0 4 L8 8 Z" transform="rotate(180 4 4)"/></marker></defs>
${boxes.join('\n')}
${arrows.join('\n')}
</svg>
`;
}

function placed(parts: readonly string[]) {
  const end = width - arrowsWidth - 16;
  let x = left + 16;
  let row = 0;
  return parts.map((part) => {
    const chipWidth = Math.round(part.length * characterWidth + 22);
    if (x + chipWidth > end) {
      x = left + 16;
      row++;
    }
    const chip = { part, x, row, chipWidth };
    x += chipWidth + gap;
    return chip;
  });
}
