/*
 * Fails if an import breaks a rule of .dependency-cruiser.mjs, or if folders of a package import each other in a circle.
 * Types count, and so does a subfolder that imports from the folder it lies in.
 *
 *   node scripts/check-imports.mjs     in the root of the workspace
 */
import { readdirSync } from 'node:fs';
import { cruise, format } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { folderCycles } from './folder-cycles.mjs';

const options = await extractOptions('./.dependency-cruiser.mjs');
const sources = readdirSync('packages').map((name) => `packages/${name}/src`);
const { output } = await cruise(sources, options, undefined, { tsConfig: extractTsConfig('tsconfig.json') });

const report = await format(output, { outputType: 'err-long' });
console.log(report.output);

const isSource = (file) => /^packages\/[^/]+\/src\//.test(file);
const imports = output.modules
  .filter(({ source }) => isSource(source))
  .flatMap(({ source, dependencies }) =>
    dependencies.filter(({ resolved }) => isSource(resolved)).map(({ resolved }) => [source, resolved]),
  );
const cycles = folderCycles(imports);
for (const { folders, imports: lines } of cycles) {
  console.log(`error no-cycle-of-folders: ${folders.join(', ')}
    Folders that need each other cannot be read or changed alone. Move what both need into a folder below both.
${lines.map((line) => `    ${line}`).join('\n')}
`);
}
process.exitCode = report.exitCode > 0 || cycles.length > 0 ? 1 : 0;
