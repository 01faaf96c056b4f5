import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { storeys } from '../../.dependency-cruiser.mjs';

/** A storey of core, or what is built on core. */
export interface Storey {
  readonly name: 'packages' | 'entries' | 'assembly' | 'wings' | 'vocabulary';
  /** Folders of core, entries or packages. */
  readonly parts: readonly string[];
}

/** Files of a storey import from another storey. */
export interface StoreyImports {
  readonly from: Storey['name'];
  readonly to: Storey['name'];
}

const order: readonly Storey['name'][] = ['packages', 'entries', 'assembly', 'wings', 'vocabulary'];
const entries = ['index', 'plugin', 'register', 'testing', 'diagnosis'];

/**
 * The storeys as the rules of .dependency-cruiser.mjs say them, and the imports between them as the code has them.
 *
 * @throws Error if a folder has no storey, a storey has a folder that is not there, or an import goes up
 */
export function readStoreys(root: string): { storeys: Storey[]; imports: StoreyImports[] } {
  const packages = readdirSync(join(root, 'packages')).filter((name) => name !== 'core');
  const folders = readdirSync(join(root, 'packages/core/src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const known: Storey[] = [
    { name: 'packages', parts: packages },
    { name: 'entries', parts: entries },
    { name: 'assembly', parts: [...storeys.assembly].reverse() },
    { name: 'wings', parts: storeys.wings },
    { name: 'vocabulary', parts: [...storeys.vocabulary].reverse() },
  ];
  const storeyOf = new Map(
    known.slice(2).flatMap(({ name, parts }) => parts.map((part) => [part, name] as const)),
  );
  const faults = [
    ...folders.filter((folder) => !storeyOf.has(folder)).map((folder) => `'${folder}' has no storey`),
    ...[...storeyOf.keys()].filter((part) => !folders.includes(part)).map((part) => `'${part}' is not there`),
  ];
  const found = new Set<string>();
  for (const { from, to, file } of importsOf(root, packages, storeyOf)) {
    if (from === to) continue;
    if (order.indexOf(from) > order.indexOf(to))
      faults.push(`${file} imports from the storey '${to}' above it`);
    found.add(`${from} ${to}`);
  }
  if (faults.length > 0) throw new Error(`The storeys of core: ${faults.join('; ')}.`);
  const imports = order.flatMap((from) =>
    order.flatMap((to) => (found.has(`${from} ${to}`) ? [{ from, to }] : [])),
  );
  return { storeys: known, imports };
}

/** Each file with each storey that it imports from. */
function* importsOf(
  root: string,
  packages: readonly string[],
  storeyOf: ReadonlyMap<string, Storey['name']>,
): Generator<{ from: Storey['name']; to: Storey['name']; file: string }> {
  for (const name of ['core', ...packages]) {
    const folder = join(root, 'packages', name, 'src');
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      if (!path.endsWith('.ts') || path.endsWith('.test.ts')) continue;
      const file = path.replaceAll('\\', '/');
      // What only the command shares is not an entry.
      if (name === 'core' && file === 'internal.ts') continue;
      const found = new Set<Storey['name']>();
      const text = readFileSync(join(folder, path), 'utf8');
      for (const [, specifier = ''] of text.matchAll(/\b(?:from|import\()\s*'([^']+)'/g)) {
        const to = name === 'core' ? withinCore(file, specifier, storeyOf) : ofPackage(specifier);
        if (to !== undefined) found.add(to);
      }
      const from = name === 'core' ? (storeyOf.get(file.split('/')[0] ?? '') ?? 'entries') : 'packages';
      for (const to of found) yield { from, to, file: `packages/${name}/src/${file}` };
    }
  }
}

function withinCore(
  file: string,
  specifier: string,
  storeyOf: ReadonlyMap<string, Storey['name']>,
): Storey['name'] | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const { pathname } = new URL(specifier, `file:///core/${file}`);
  const [, , first = '', ...rest] = pathname.split('/');
  if (!pathname.startsWith('/core/')) return undefined;
  return rest.length > 0 ? storeyOf.get(first) : 'entries';
}

function ofPackage(specifier: string): Storey['name'] | undefined {
  const isEntry = /^@throughline\/core(?:\/(?:plugin|testing|register|diagnosis))?$/.test(specifier);
  return isEntry ? 'entries' : undefined;
}
