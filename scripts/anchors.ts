/**
 * The anchors of one page, as GitHub makes them.
 *
 * @returns a function that takes the headings of the page from top to bottom, as Markdown, and returns the anchor of each
 */
export function anchorsOfPage(): (heading: string) => string {
  const taken = new Set<string>();
  return (heading) => {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = text.replace(/[^\p{L}\p{N}_\- ]/gu, '').replaceAll(' ', '-');
    let unique = anchor;
    for (let repeat = 1; taken.has(unique); repeat++) unique = `${anchor}-${repeat}`;
    taken.add(unique);
    return unique;
  };
}
