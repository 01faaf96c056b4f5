import { isBuiltin } from 'node:module';
import satisfies from 'semver/functions/satisfies.js';
import type { PatchedPackage } from '../patching/patch-record.js';
import type { DiagnosedLibrary } from './diagnosis.js';
import { type DiagnosisFinding, finding } from './findings.js';
import {
  channelLibraries,
  esModuleLibraries,
  importedLibraries,
  modulesOption,
  outdatedLibraries,
  type PluginLibrary,
  pluginLibraries,
  stockInstrumentations,
} from './library-catalogue.js';
import type { InstalledCopy } from './package-copies.js';

/** The libraries that were found, whether each is recorded, and if not, why. */
export interface LibraryReport {
  readonly libraries: readonly DiagnosedLibrary[];
  readonly findings: readonly DiagnosisFinding[];
}

export interface LibraryQuestion {
  /** Who patches which packages. */
  readonly asked: readonly PatchedPackage[];
  /** Instrumentations that patch nothing, because they listen to channels. */
  readonly listeners: ReadonlySet<string>;
  readonly plugins: readonly { readonly name: string; readonly on: boolean }[];
  /** The copies of a package that the service has: loaded ones in a process, installed ones in a folder. */
  readonly copiesOf: (name: string) => readonly Pick<InstalledCopy, 'folder' | 'version'>[];
  /** Whether a package that leaves no trace in the module cache is installed. */
  readonly isInstalled: (name: string) => boolean;
  /** Whether the service lists its plugins itself; the `register` entry takes all that are installed. */
  readonly arePluginsListed: boolean;
  /** `installed`: nothing runs, so that only versions can be judged. */
  readonly stage: 'loaded' | 'installed';
}

interface Judged {
  readonly library: DiagnosedLibrary;
  readonly finding?: DiagnosisFinding | undefined;
}

/** Compares the packages to patch with the packages that are loaded or installed. */
export function examineLibraries(question: LibraryQuestion): LibraryReport {
  const judged = [
    ...judgeAsked(question),
    ...[...question.listeners].map(listening),
    ...judgeUnasked(question),
  ];
  return {
    libraries: judged.map(({ library }) => library).sort((a, b) => (a.name < b.name ? -1 : 1)),
    findings: [
      ...judged.flatMap((each) => each.finding ?? []),
      ...(question.stage === 'loaded' ? idlePlugins(question) : []),
    ],
  };
}

/** Only the instrumentation knows which library it records. */
function listening(name: string): Judged {
  const nothing = { version: undefined, folder: undefined, reason: undefined };
  return { library: { name, by: [name], isRecorded: true, ...nothing } };
}

function judgeAsked({ asked, plugins, copiesOf, stage }: LibraryQuestion): Judged[] {
  const isOff = (owner: string) => plugins.some(({ name, on }) => name === owner && !on);
  // A stock instrumentation names all places that a client has had over the years; one of them is enough.
  const isDoneElsewhere = ({ owner }: PatchedPackage) =>
    !plugins.some(({ name }) => name === owner) &&
    asked.some((each) => each.owner === owner && each.folders.size > 0);
  return [...groupedByName(asked)].flatMap(([name, owners]): Judged[] => {
    const by = owners.map(({ owner }) => owner);
    const base = { name, by, reason: undefined };
    const isGiven = owners.some(({ given }) => given);
    if (isBuiltin(name)) {
      return [{ library: { ...base, version: undefined, folder: undefined, isRecorded: true } }];
    }
    const given: Judged[] = isGiven
      ? [{ library: { ...base, version: undefined, folder: undefined, isRecorded: true } }]
      : [];
    const ranges = owners.flatMap(({ supportedVersions }) => [...supportedVersions]);
    return given.concat(
      copiesOf(name).map(({ folder, version }): Judged => {
        const library = { ...base, version, folder };
        if (owners.every(({ owner }) => isOff(owner))) {
          return {
            library: { ...library, isRecorded: false, reason: `plugin ${by.join(', ')} is switched off` },
          };
        }
        if (isKnownEsModule(name, version)) return { library: { ...library, isRecorded: true } };
        if (!isSupported(version, ranges)) return unsupported(library, ranges);
        // It is patched at the first request, and does not say whether it is loaded.
        if (importedLibraries.has(name)) return { library: { ...library, isRecorded: true } };
        if (stage === 'installed' || owners.some(({ folders }) => folders.has(folder))) {
          return { library: { ...library, isRecorded: true } };
        }
        // A module that was handed over is patched, but does not say which copy it is.
        if (isGiven) return { library: { ...library, isRecorded: true } };
        return {
          library: { ...library, isRecorded: false, reason: 'no plugin has patched it' },
          finding: owners.some(isDoneElsewhere)
            ? undefined
            : finding(
                'OBS_LIBRARY_NOT_RECORDED',
                `${name} ${version ?? ''} in ${folder} is loaded, but ${by.join(', ')} has not patched it.`,
              ),
        };
      }),
    );
  });
}

function judgeUnasked({
  asked,
  listeners,
  plugins,
  copiesOf,
  arePluginsListed,
  stage,
}: LibraryQuestion): Judged[] {
  const isAsked = (name: string) => asked.some((each) => each.name === name);
  const judged: Judged[] = [];
  const add = (name: string, reason: string, by: string, found: DiagnosisFinding | undefined) => {
    for (const { folder, version } of copiesOf(name)) {
      const library = { name, version, folder, isRecorded: false, by: [by], reason };
      judged.push({ library, finding: found });
    }
  };
  for (const [name, library] of Object.entries(pluginLibraries)) {
    if (isAsked(name)) continue;
    const { plugin, from } = library;
    const has = plugins.some((each) => each.name === plugin);
    const fix = has ? undefined : { fix: howToAdd(library, arePluginsListed) };
    const is = stage === 'loaded' && !importedLibraries.has(name) ? 'loaded' : 'installed';
    const message = `${name} is ${is}, but the plugin that records it (${from}) is not in use.`;
    add(name, `${from} is not in use`, from, finding('OBS_PLUGIN_MISSING', message, fix));
  }
  for (const [name, { plugin, below }] of Object.entries(outdatedLibraries)) {
    if (!plugins.some((each) => each.name === plugin)) continue;
    for (const { folder, version } of copiesOf(name)) {
      if (version === undefined || satisfies(version, `>=${below}`)) continue;
      judged.push(
        unsupported({ name, version, folder, by: [plugin], reason: undefined }, [`>=${below}.0.0`]),
      );
    }
  }
  if (stage === 'installed') return judged;
  for (const [name, { package: instrumentation, version }] of Object.entries(stockInstrumentations)) {
    if (isAsked(name) || listeners.has(instrumentation)) continue;
    const message = `${name} is loaded, but nothing records it.`;
    const fix = `Run \`npm install ${instrumentation}@${version}\`, and set \`instrumentations: 'installed'\` or THROUGHLINE_INSTRUMENTATIONS=installed.`;
    const found = finding('OBS_INSTRUMENTATION_MISSING', message, { fix });
    add(name, 'there is no plugin for it', instrumentation, found);
  }
  return judged;
}

/** The register entry finds a plugin by itself, when it is installed. */
function howToAdd({ from, call }: PluginLibrary, arePluginsListed: boolean): string {
  const install = `Run \`npm install ${from}\``;
  if (!arePluginsListed) return `${install}. The service uses it from its next start on.`;
  const name = call.replace('()', '');
  return `${install}, import it (\`import { ${name} } from '${from}'\`), and add \`${call}\` to the option \`plugins\`.`;
}

function unsupported(library: Omit<DiagnosedLibrary, 'isRecorded'>, ranges: readonly string[]): Judged {
  const { name, version, folder, by } = library;
  const supported = knownRanges(ranges).join(' or ');
  return {
    library: {
      ...library,
      isRecorded: false,
      reason: `version ${version} is not supported; supported: ${supported}`,
    },
    finding: finding(
      'OBS_LIBRARY_UNSUPPORTED',
      `${name} ${version} in ${folder} is not recorded: ${by.join(', ')} supports ${supported}.`,
      { fix: `Install ${name} ${supported}, or a newer version of the plugin.` },
    ),
  };
}

/** `*` in addition to other ranges is for modules that were passed to the plugin. They have no version. */
export function knownRanges(ranges: readonly string[]): readonly string[] {
  const known = [...new Set(ranges)].filter((range) => range !== '*');
  return known.length > 0 ? known : ['*'];
}

function isSupported(version: string | undefined, ranges: readonly string[]): boolean {
  if (version === undefined || ranges.length === 0) return true;
  return knownRanges(ranges).some((range) => satisfies(version, range, { includePrerelease: true }));
}

function isKnownEsModule(name: string, version: string | undefined): boolean {
  const major = esModuleLibraries[name];
  return major !== undefined && version !== undefined && satisfies(version, `>=${major}`);
}

/** Plugins that found none of their libraries. In a bundled service the modules must be passed to them. */
function idlePlugins({
  asked,
  plugins,
  copiesOf,
  isInstalled,
  arePluginsListed,
}: LibraryQuestion): DiagnosisFinding[] {
  return plugins.flatMap(({ name, on }) => {
    const ofOwner = asked.filter(({ owner }) => owner === name);
    if (!on || ofOwner.length === 0) return [];
    const isUsed =
      ofOwner.some(
        (each) =>
          each.given || each.folders.size > 0 || isBuiltin(each.name) || copiesOf(each.name).length > 0,
      ) ||
      Object.entries(channelLibraries).some(([library, plugin]) => plugin === name && isInstalled(library));
    if (isUsed) return [];
    const names = [...new Set(ofOwner.map((each) => each.name))].join(', ');
    return [
      finding('OBS_PLUGIN_IDLE', `Plugin '${name}' found none of its libraries: ${names}.`, {
        ...(arePluginsListed ? {} : { level: 'info' }),
        fix: whatToDoAboutIdle(name),
      }),
    ];
  });
}

function whatToDoAboutIdle(plugin: string): string {
  const call = modulesOption[plugin];
  const bundled = call
    ? ` In a bundled service, pass the modules to it: \`${call}\`.`
    : ' In a bundled service, keep its libraries outside of the bundle, or pass them to the plugin if it has an option for this.';
  return `Remove the plugin if the service does not need it.${bundled}`;
}

function groupedByName(asked: readonly PatchedPackage[]): Map<string, PatchedPackage[]> {
  const groups = new Map<string, PatchedPackage[]>();
  for (const each of asked) groups.set(each.name, [...(groups.get(each.name) ?? []), each]);
  return groups;
}
