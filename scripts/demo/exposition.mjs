/** The samples of a scrape: `{ name, labels, value, exemplar }`, where an exemplar is the labels it carries. */
export function parseExposition(text) {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name, labels = '', value, exemplar] =
        /^([\w:]+)(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})? (\S+)(?: # \{(.*)\} .*)?$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`not a line of a scrape: ${line}`);
      return {
        name,
        labels: parseLabels(labels),
        value: Number(value),
        exemplar: exemplar && parseLabels(exemplar),
      };
    });
}

function parseLabels(text) {
  return Object.fromEntries(
    [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [
      name,
      value.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped)),
    ]),
  );
}

/** Whether all of `wanted` is among the labels. */
export function hasLabels(labels, wanted) {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}
