import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * The address of the documentation site. It is in one place, `homepage` of the package.json of the workspace, and is not
 * set in the source: a release writes it there, if the repository has a site. Messages and the site itself take it from
 * there. While none is set, messages name the command that prints the page.
 */

/**
 * @param {string} address as it is in a browser
 * @returns {string} the address with a slash at its end
 * @throws if it is not the https address of a folder
 */
export function siteAddress(address) {
  if (/^https:\/\/[^\s?#]+$/.test(address)) return address.replace(/\/*$/, '/');
  throw new Error(`'${address}' is not the https address of a documentation site.`);
}

/** The address of the site that is set in the workspace, with a slash at its end; undefined while none is. */
export function siteOfWorkspace(root) {
  const { homepage } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // Without a site, the homepage is the README of the repository.
  return homepage === undefined || homepage.includes('#') ? undefined : siteAddress(homepage);
}
