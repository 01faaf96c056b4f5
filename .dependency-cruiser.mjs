/*
 * The packages and the storeys of packages/core/src, checked by `npm run check`. Imports run downwards only, types
 * included, and there are no cycles. Other packages import core's public entries, and no other package of the workspace.
 *
 *   entries      index.ts  plugin.ts  register.ts  testing.ts  diagnosis.ts   what users import
 *   assembly     the folders of `assembly`                           joins the wings into one instance
 *   wings        the folders of `wings`                              one concern each; no wing names another
 *   vocabulary   the folders of `vocabulary`                         what all of the above share
 *
 * scripts/check-imports.mjs applies these rules and finds cycles of folders. CONTRIBUTING.md says where a change belongs.
 */

/** From the ground up: a folder may name those before it. */
const vocabulary = [
  'model',
  'timing',
  'context',
  'redaction',
  'contract',
  'annotations',
  'options',
  'plugin',
  'patching',
  'instruments',
  'recorder',
  'export',
];
const wings = [
  'traces',
  'metrics',
  'logs',
  'http',
  'databases',
  'messaging',
  'rpc',
  'graphql',
  'jobs',
  'legacy',
];
/** From the ground up, like the vocabulary. */
const assembly = [
  'lifecycle',
  'diagnosis',
  'control',
  'cluster',
  'instance',
  'service-folder',
  'register',
  'testing',
];

/** The storeys of core, from the ground up; docs/images/storeys.svg is drawn from them. */
export const storeys = { vocabulary, wings, assembly };

const packages = '^packages/[^/]+/src/';
const core = '^packages/core/src/';
const tests = '\\.test\\.ts$';
const inFolders = (folders) => `${core}(${folders.join('|')})/`;
const files = (folders) => ({ path: inFolders(folders), pathNot: tests });

/** Each folder of a storey may name itself and what is below it, and nothing else of core: unknown folders fail too. */
function upwards(folders, below, reason) {
  return folders.map((folder, index) => ({
    name: `${folder}-names-only-what-is-below`,
    comment: `${reason} '${folder}' may import from ${[...below, ...folders.slice(0, index)].map((name) => `'${name}'`).join(', ') || 'no other folder'}.`,
    severity: 'error',
    from: files([folder]),
    to: { path: core, pathNot: inFolders([...below, ...folders.slice(0, index), folder]) },
  }));
}

export default {
  forbidden: [
    {
      name: 'no-cycle-of-files',
      comment:
        'Two files that need each other are one idea in two places. Move what both need into a third file, below both.',
      severity: 'error',
      from: { path: packages, pathNot: tests },
      to: { circular: true },
    },
    ...upwards(
      vocabulary,
      [],
      'All storeys share the vocabulary, so it imports nothing from the storeys above it. Let the vocabulary declare a type for what it needs, and pass the value in from init.ts.',
    ),
    ...wings.map((wing) => ({
      name: `${wing}-is-a-wing`,
      comment: `A wing imports only from the vocabulary and itself, never from another wing, the assembly, or a folder without a storey. So it can be read, changed and tested alone. Declare in '${wing}' the type of what it needs, and join the two in init.ts; what several wings share belongs to the vocabulary. A new folder gets its storey in .dependency-cruiser.mjs.`,
      severity: 'error',
      from: files([wing]),
      to: { path: core, pathNot: inFolders([...vocabulary, wing]) },
    })),
    ...upwards(
      assembly,
      [...vocabulary, ...wings],
      'The assembly joins the wings and is built from the ground up as well; the entries are above it.',
    ),
    {
      name: 'only-entries-from-outside',
      comment:
        "Other packages use core's public entries ('@throughline/core', '/plugin', '/testing', '/register'), as a third party's plugin does: what they need beyond them belongs on the plugin contract.",
      severity: 'error',
      from: { path: packages, pathNot: ['^packages/(core|cli)/', tests] },
      to: { path: core, pathNot: `${core}(index|plugin|testing|register)\\.ts$` },
    },
    {
      name: 'plugins-stand-alone',
      comment:
        'A package of plugins is installed without the others, so it imports core and what it instruments. What several packages need belongs on the plugin contract.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src/', pathNot: ['^packages/cli/', tests] },
      to: { path: '^packages/', pathNot: ['^packages/$1/', core] },
    },
    {
      name: 'core-names-no-package-above-it',
      comment:
        'Every other package is built on core, so core imports none of them, types included. Give core a type for what it needs, and let the other package pass it in.',
      severity: 'error',
      from: { path: core, pathNot: tests },
      to: { path: '^packages/', pathNot: '^packages/core/' },
    },
    {
      name: 'the-command-shares-only-what-is-listed',
      comment:
        "The package 'throughline' copies what it imports from core into its own files. It may import what core's internal.ts lists, because that has no state and no dependencies, and types of the public entries. Add to internal.ts what else the command needs.",
      severity: 'error',
      from: { path: '^packages/cli/src/', pathNot: tests },
      to: { path: core, pathNot: `${core}(index|internal|diagnosis)\\.ts$` },
    },
    {
      name: 'internal-is-for-the-command',
      comment:
        "'@throughline/core/internal' is not published, so nothing but the package 'throughline', which copies it, may import it.",
      severity: 'error',
      from: { pathNot: '^packages/cli/(src|test)/' },
      to: { path: `${core}internal\\.ts$` },
    },
    {
      name: 'the-testbed-is-for-tests',
      comment:
        "'@throughline/testbed' starts real brokers, databases and backends. It is not published, so only tests, examples and benchmarks may import it.",
      severity: 'error',
      from: { path: packages },
      to: { path: '^testbed/' },
    },
    {
      name: 'known-storey',
      comment:
        'Every folder of core has a storey. Add the new one to .dependency-cruiser.mjs, as low as it can be.',
      severity: 'error',
      from: {
        path: `${core}[^/]+/`,
        pathNot: [inFolders([...vocabulary, ...wings, ...assembly]), tests],
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules)/|\\.test\\.ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.mjs', '.json'] },
  },
};
