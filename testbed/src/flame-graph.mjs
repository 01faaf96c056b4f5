const width = 1_000;
const rowHeight = 20;
const minShownWidth = 10;
const characterWidth = 6.6;

/**
 * Draws samples as a flame graph: each function above the one that called it, as wide as its share of the time.
 *
 * @param {import('./pprof.mjs').PprofSample[]} samples
 * @param {{ title: string, valueIndex?: number }} options `valueIndex` says which value of the samples counts
 * @returns {string} an SVG
 */
export function flameGraph(samples, { title, valueIndex = 1 }) {
  const root = { name: 'all', value: 0, children: new Map() };
  for (const { stack, values } of samples) {
    const value = values[valueIndex];
    root.value += value;
    let node = root;
    for (const { name, file, line } of stack.toReversed()) {
      const place = file === '' ? '' : ` ${file.split('/').at(-1)}:${line}`;
      const key = name + place;
      if (!node.children.has(key)) {
        node.children.set(key, { name, place, value: 0, children: new Map() });
      }
      node = node.children.get(key);
      node.value += value;
    }
  }
  const boxes = [];
  let deepest = 0;
  const draw = (node, x, depth) => {
    const boxWidth = (node.value / root.value) * width;
    if (boxWidth < minShownWidth) return;
    deepest = Math.max(deepest, depth);
    boxes.push({ node, x, depth, boxWidth });
    let at = x;
    for (const child of [...node.children.values()].sort((a, b) => b.value - a.value)) {
      draw(child, at, depth + 1);
      at += (child.value / root.value) * width;
    }
  };
  draw(root, 0, 0);
  const height = (deepest + 1) * rowHeight + 40;
  const body = boxes.map(({ node, x, depth, boxWidth }) => {
    const y = height - 8 - (depth + 1) * rowHeight;
    const share = `${((node.value / root.value) * 100).toFixed(1)} %, ${(node.value / 1e6).toFixed(1)} ms`;
    const full = node.name + (node.place ?? '');
    const room = Math.floor((boxWidth - 6) / characterWidth);
    const text = room < 4 ? '' : full.length <= room ? full : `${full.slice(0, room - 1)}…`;
    return `<g><title>${escaped(`${full} (${share})`)}</title><rect x="${x.toFixed(1)}" y="${y}" width="${(boxWidth - 0.5).toFixed(1)}" height="${rowHeight - 1}" fill="${colourOf(node)}" rx="2"/><text x="${(x + 4).toFixed(1)}" y="${y + 14}">${escaped(text)}</text></g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="11">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="4" y="20" font-size="14" font-family="system-ui, sans-serif">${escaped(title)}</text>
${body.join('\n')}
</svg>
`;
}

/** The service's own code stands out; Node's and that of packages does not. */
function colourOf({ place = '' }) {
  if (place.includes('.ts:')) return '#f4a259';
  return place === '' ? '#d9d9d9' : '#c9d6ea';
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
