import { existsSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { CommandError } from '../../command-line/errors.js';
import { type Build, findBuild, isBuilt, sourceOf } from './build.js';
import { type PackageFile, readUtf8 } from './package-file.js';
import { startedBy } from './start-command.js';

/** How Throughline gets into the service. */
export type Entry = LineEntry | FlagEntry;

/** As the first line of the source file that starts the service: then it works however the service is started. */
export interface LineEntry {
  readonly kind: 'line';
  /** Relative to the package, with `/`. */
  readonly name: string;
  readonly foundBy: string;
  /** Other apps of the same package that the line does not reach. */
  readonly others: readonly string[];
}

/** As a flag of Node in the scripts, because the source cannot have the line. */
export interface FlagEntry {
  readonly kind: 'flag';
  /** The built file. */
  readonly name: string;
  readonly foundBy: string;
  readonly because: string;
  /** Places in the scripts after the word `node`. */
  readonly places: readonly { readonly script: string; readonly offset: number }[];
}

const startScripts = ['start:prod', 'start', 'serve', 'start:dev', 'dev'] as const;
const conventional = ['server', 'index', 'app', 'main'].flatMap((name) =>
  ['src/', ''].flatMap((folder) =>
    ['ts', 'mts', 'js', 'mjs', 'cjs'].map((extension) => `${folder}${name}.${extension}`),
  ),
);

/**
 * Finds the file that starts the service.
 *
 * @param given as the user named it, relative to the package
 * @throws CommandError `OBS_INIT_ENTRY` when there is none
 */
export function findEntry(file: PackageFile, given: string | undefined): Entry {
  const { folder, json } = file;
  const build = findBuild(folder, json);
  if (given !== undefined) return givenEntry(folder, build, given);
  const nest = nestEntry(folder);
  if (nest) return nest;
  const programs: string[] = [];
  const built: string[] = [];
  for (const { name, foundBy } of candidates(file, programs)) {
    const path = existingFile(folder, name);
    const isOutput = isBuilt(build, path ?? name);
    if (!isOutput && path !== undefined) return { kind: 'line', name: path, foundBy, others: [] };
    if (!isOutput) continue;
    built.push(name);
    const source = sourceOf(folder, build, path ?? name);
    if (source !== undefined && build.bundler === undefined)
      return { kind: 'line', name: source, foundBy, others: [] };
    const places = flagPlaces(file, name);
    if (places.length > 0) {
      const because =
        build.bundler === undefined
          ? 'the source of the file is not known'
          : `${build.bundler} puts packages into the built file`;
      return { kind: 'flag', name, foundBy, because, places };
    }
  }
  throw noEntry(folder, programs, built);
}

/** Whether a package is started by itself, as opposed to a library of the workspace. */
export function isService({ folder, json }: PackageFile): boolean {
  return (
    startScripts.some((name) => json.scripts?.[name] !== undefined) ||
    existsSync(join(folder, 'nest-cli.json')) ||
    existsSync(join(folder, 'Dockerfile'))
  );
}

function givenEntry(folder: string, build: Build, given: string): Entry {
  const name = relative(folder, resolve(folder, given)).split(sep).join('/');
  const path = name.startsWith('..') || isAbsolute(name) ? undefined : existingFile(folder, name);
  if (path === undefined)
    throw new CommandError('OBS_INIT_ENTRY', `There is no file '${given}' in ${folder}.`);
  if (isBuilt(build, path) && (sourceOf(folder, build, path) ?? path) !== path) {
    throw new CommandError(
      'OBS_INIT_ENTRY',
      `'${given}' is written by the build, which would remove the line.`,
      {
        fix: `Name its source: \`throughline init --entry ${sourceOf(folder, build, path)}\`.`,
      },
    );
  }
  return { kind: 'line', name: path, foundBy: '--entry', others: [] };
}

/** https://docs.nestjs.com/cli/monorepo#cli-properties */
function nestEntry(folder: string): LineEntry | undefined {
  const text = readUtf8(join(folder, 'nest-cli.json'));
  if (text === undefined) return undefined;
  let config: {
    sourceRoot?: unknown;
    entryFile?: unknown;
    projects?: Record<string, { sourceRoot?: unknown; type?: unknown }>;
  };
  try {
    config = JSON.parse(text.replace(/^\uFEFF/, '')) ?? {};
  } catch {
    config = {};
  }
  const sourceRoot = typeof config.sourceRoot === 'string' ? config.sourceRoot : 'src';
  const entryFile = typeof config.entryFile === 'string' ? config.entryFile : 'main';
  const name = existingFile(folder, `${sourceRoot}/${entryFile}`);
  if (name === undefined) return undefined;
  const others = Object.values(config.projects ?? {})
    .filter(({ type, sourceRoot: root }) => type === 'application' && root !== sourceRoot)
    .flatMap(({ sourceRoot: root }) => existingFile(folder, `${String(root)}/main`) ?? []);
  return { kind: 'line', name, foundBy: 'nest-cli.json', others };
}

interface Candidate {
  readonly name: string;
  readonly foundBy: string;
}

function candidates({ folder, json }: PackageFile, programs: string[]): Candidate[] {
  const list: Candidate[] = [];
  const main = [json.main, (json as { module?: unknown }).module].filter((each) => typeof each === 'string');
  const follow = (script: string, foundBy: string, seen: ReadonlySet<string>) => {
    const text = json.scripts?.[script];
    if (text === undefined || seen.has(script)) return;
    for (const started of startedBy(text)) {
      if (started.kind === 'script') follow(started.name, foundBy, new Set([...seen, script]));
      else if (started.kind === 'program') {
        programs.push(started.program);
        if (started.program === 'nodemon')
          list.push(...nodemonFiles(folder, main[0]).map((name) => ({ name, foundBy })));
      } else {
        const isPackage = existingFile(folder, started.file) === undefined && /^\.?\/?$/.test(started.file);
        const names = isPackage ? [main[0] ?? 'index.js'] : [started.file];
        list.push(...names.map((name) => ({ name: plain(name), foundBy })));
      }
    }
  };
  // `npm start` without a script runs this file.
  for (const script of startScripts) follow(script, `scripts.${script}`, new Set());
  const program = programOf(json.bin, json.name);
  if (program !== undefined) list.push({ name: plain(program), foundBy: 'bin in package.json' });
  list.push(...main.map((name) => ({ name: plain(name), foundBy: 'main in package.json' })));
  if (
    programs.every(
      (program) => program !== 'bun' && program !== 'next' && program !== 'wrangler' && program !== 'nuxt',
    )
  ) {
    list.push(...conventional.map((name) => ({ name, foundBy: 'its name' })));
  }
  return list;
}

/** The command of a package: it is what users start, where `main` is what they import. */
function programOf(bin: unknown, name: unknown): string | undefined {
  if (typeof bin === 'string') return bin;
  if (typeof bin !== 'object' || bin === null) return undefined;
  const files = Object.entries(bin).filter((each): each is [string, string] => typeof each[1] === 'string');
  const distinct = new Set(files.map(([, file]) => file));
  return distinct.size === 1 ? files[0]?.[1] : files.find(([each]) => each === name)?.[1];
}

/** `nodemon` alone runs `exec` of its file, or `main`. */
function nodemonFiles(folder: string, main: string | undefined): string[] {
  try {
    const { exec } = JSON.parse(readUtf8(join(folder, 'nodemon.json')) ?? '{}');
    const [started] = typeof exec === 'string' ? startedBy(exec) : [];
    if (started?.kind === 'file') return [plain(started.file)];
  } catch {
    // nodemon reports it.
  }
  return main === undefined ? [] : [plain(main)];
}

function flagPlaces({ json }: PackageFile, name: string): FlagEntry['places'] {
  return Object.entries(json.scripts ?? {}).flatMap(([script, text]) =>
    startedBy(text).flatMap((started) =>
      started.kind === 'file' && started.afterNode !== undefined && plain(started.file) === name
        ? [{ script, offset: started.afterNode }]
        : [],
    ),
  );
}

/** As Node and its loaders find a file: the name, with an extension, or the index of a folder. */
function existingFile(folder: string, name: string): string | undefined {
  const isFile = (path: string) => statSync(join(folder, path), { throwIfNoEntry: false })?.isFile() === true;
  const extensions = ['js', 'ts', 'mjs', 'cjs', 'mts', 'cts', 'tsx'];
  const clean = name.replace(/\/+$/, '');
  const names = [clean, ...extensions.map((extension) => `${clean}.${extension}`)];
  const inFolder = extensions.map((extension) => `${clean}/index.${extension}`);
  // A TypeScript loader takes `server.js` for `server.ts`.
  const asSource = clean.replace(/\.([cm]?)js$/, '.$1ts');
  return [...names, ...inFolder, asSource].find((path) => path !== '' && /[^/]$/.test(path) && isFile(path));
}

const plain = (name: string) => name.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');

function noEntry(folder: string, programs: readonly string[], built: readonly string[]): CommandError {
  if (built.length > 0) {
    return new CommandError(
      'OBS_INIT_ENTRY',
      `${built[0]} is written by a build, and neither its source nor a script that starts it with node was found in ${folder}.`,
    );
  }
  const program = programs.find(
    (name) => !/^(?:tsc|rimraf|rm|echo|npm-run-all|concurrently|cp|mkdir|prisma|nest)$/.test(name),
  );
  if (program === 'bun' || program === 'wrangler') {
    return new CommandError(
      'OBS_INIT_ENTRY',
      `The service is started by ${program}. Throughline observes Node processes.`,
      {
        fix: 'Start the service with Node, or name the file that Node starts: `throughline init --entry src/server.ts`.',
      },
    );
  }
  if (program !== undefined) {
    return new CommandError(
      'OBS_INIT_ENTRY',
      `The service is started by ${program}, and no file of its own was found in ${folder}.`,
      {
        fix: `Install @throughline/core, and start ${program} with NODE_OPTIONS=--import=@throughline/core/register. Or name the file that starts the service: \`throughline init --entry src/server.ts\`.`,
      },
    );
  }
  return new CommandError(
    'OBS_INIT_ENTRY',
    `No file that starts the service was found in ${folder}: package.json has no start script or \`main\` with a file that exists.`,
  );
}
