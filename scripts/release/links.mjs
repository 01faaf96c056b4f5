import { posix } from 'node:path';
import { addressOfFile } from './repository.mjs';

/** Where a README names a page that core brings: plain text until the repository has an address. */
const namedPage = /`node_modules\/@throughline\/core\/docs\/([\w./-]+\.md)`/g;

/**
 * A README as npm shows it: the pages that it names become links.
 *
 * @param {string} text
 * @param {string} address of the repository
 * @param {string} version of the release
 */
export function readmeWithLinks(text, address, version) {
  return text.replace(
    namedPage,
    (_, page) => `[docs/${page}](${addressOfFile(address, version, `docs/${page}`)})`,
  );
}

/** The targets of the links of a Markdown text that are not addresses or anchors. */
export function relativeLinks(text) {
  const found = [];
  mapLinks(text, (link) => {
    if (!isAddress(link.target)) found.push(link.target);
    return link.source;
  });
  return found;
}

/**
 * A page as it is shipped. A link to what the package does not have leads to the repository; without an address of a
 * repository, only its text is kept.
 *
 * @param {string} text
 * @param {string} path of the page in the repository
 * @param {(path: string) => boolean} isShipped for a path in the repository
 * @param {{ address: string, version: string } | undefined} release
 */
export function pageAsShipped(text, path, isShipped, release) {
  return mapLinks(text, ({ source, isImage, text: label, target }) => {
    if (isAddress(target)) return source;
    const [file, anchor] = target.split('#');
    const inRepository = posix.join(posix.dirname(path), file);
    if (isShipped(inRepository)) return source;
    if (!release) return isImage ? `*Picture: ${label}*` : label;
    const { address, version } = release;
    const there = addressOfFile(address, version, anchor ? `${inRepository}#${anchor}` : inRepository);
    return isImage ? `![${label}](${there}?raw=true)` : `[${label}](${there})`;
  });
}

function isAddress(target) {
  return /^(?:https?:|mailto:|#)/.test(target);
}

/** A block of code, a link or a picture (its text may contain code), or code; whichever begins first. */
const codeOrLink = /^ *```[\s\S]*?^ *```|(!?)\[((?:[^[\]`]|`[^`\n]*`)*)\]\(([^()\s]+)\)|`[^`\n]+`/gm;

/** Replaces the links of a Markdown text, but none in code. */
function mapLinks(text, replace) {
  return text.replace(codeOrLink, (source, mark, label, target) =>
    target === undefined ? source : replace({ source, isImage: mark === '!', text: label, target }),
  );
}
