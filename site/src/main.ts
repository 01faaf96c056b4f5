/*
 * Builds the documentation site.
 *
 *   npm run docs          into site/dist; fails if a link leads nowhere
 *   npm run docs:dev      serves it, and builds it again when a page or the site's own code changes
 *
 *   --out <folder>        another folder than site/dist
 *   --repository <url>    for links to files that are no pages; default: that of package.json
 *   --site <url>          where the site will be; default: that of package.json
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { addressOfWorkspace, repositoryAddress } from '../../scripts/release/repository.mjs';
import { siteAddress, siteOfWorkspace } from '../../scripts/release/site.mjs';
import { buildSite } from './build-site.js';
import { serve } from './serve.js';

const root = join(import.meta.dirname, '../..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string' }, repository: { type: 'string' }, site: { type: 'string' } },
});
const out = values.out ?? join(root, 'site/dist');
const addresses = {
  repository: values.repository ? repositoryAddress(values.repository) : addressOfWorkspace(root),
  site: values.site ? siteAddress(values.site) : siteOfWorkspace(root),
};

if (positionals[0] === 'dev') await serve(root, out, build);
else if (!build()) process.exitCode = 1;

/** @returns whether nothing is wrong */
function build(): boolean {
  const startMillis = performance.now();
  const { pages, faults } = buildSite(root, out, addresses);
  for (const fault of faults) console.error(fault);
  const seconds = ((performance.now() - startMillis) / 1000).toFixed(1);
  console.log(`${pages} pages in ${seconds} s, ${faults.length} faults: ${join(out, 'index.html')}`);
  return faults.length === 0;
}
