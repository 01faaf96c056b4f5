import packageJson from '../../package.json' with { type: 'json' };

/** Where messages send a reader. */
export interface Documentation {
  /**
   * Where a page of the documentation is found.
   *
   * @param name path in the folder `docs`, with an anchor if the page has one for the subject: `logs.md#levels`
   */
  page(name: string): string;
  /**
   * Where a code is explained: the address of its page, or a command that prints the same text.
   *
   * @param code of an error or a finding, for example `OBS_NOT_READY`
   */
  help(code: string): string;
}

/**
 * The pages are on the documentation site, whose address a release writes into package.json as `homepage`. Where no site
 * is set, `homepage` is missing or leads to the README of the repository. Then messages name what is there without a
 * network: the build puts the pages into the package, and the command has the texts of all codes.
 */
export function documentationAt(homepage: string | undefined): Documentation {
  if (homepage === undefined || homepage.includes('#')) {
    return {
      page: (name) => `node_modules/@throughline/core/docs/${name}`,
      help: (code) => `npx throughline explain ${code}`,
    };
  }
  const site = homepage.replace(/\/*$/, '/');
  return {
    page: (name) => site + name.replace(/\.md(?=#|$)/, '.html'),
    help: (code) => `${site}errors/${code}.html`,
  };
}

const { homepage } = packageJson as { readonly homepage?: string };
export const { page, help } = documentationAt(homepage);
