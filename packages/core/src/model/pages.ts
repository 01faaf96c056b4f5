/**
 * Where a page of the documentation is found that a message names: the build puts the pages into the package, so the page
 * fits the installed version and can be read without a network. `bundle/pages.mjs` copies them.
 *
 * @param name path in the folder `docs`, with an anchor if the page has one for the subject: `reference/errors.md#obs_not_ready`
 */
export function page<const Name extends string>(name: Name): `node_modules/@throughline/core/docs/${Name}` {
  return `node_modules/@throughline/core/docs/${name}`;
}
