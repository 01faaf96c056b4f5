import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import satisfies from 'semver/functions/satisfies.js';
import type { Diagnosis } from '../diagnosis/diagnosis.js';
import { emptyDiagnosis } from '../diagnosis/empty-diagnosis.js';
import { endFindings } from '../diagnosis/end-of-process.js';
import { type DiagnosisFinding, findingOfError, sortedFindings } from '../diagnosis/findings.js';
import { examineLibraries } from '../diagnosis/libraries.js';
import { broughtBy, outdatedLibraries, pluginLibraries } from '../diagnosis/library-catalogue.js';
import { describeOptions, withIdentity } from '../diagnosis/option-report.js';
import { findInstalledCopies, type InstalledCopy } from '../diagnosis/package-copies.js';
import { describePackages, examinedPackages, versionFindings } from '../diagnosis/packages.js';
import { asksForPush } from '../metrics/push.js';
import type { Environment } from '../model/environment.js';
import { ObservabilityError } from '../model/errors.js';
import { identityLabels, readServicePackage, resolveIdentity } from '../model/identity.js';
import { resolveOptions } from '../options/resolve.js';
import { agents } from '../patching/conflicts.js';
import { redactIdentity } from '../redaction/identity-redaction.js';
import { loadConfigFile } from './config-file.js';
import { loadInstalledPlugins } from './plugin-discovery.js';
import { recordsOf } from './plugin-records.js';
import { serviceFolders } from './service-folders.js';

/** The diagnosis of a service that is not running. */
export type FolderDiagnosis = Pick<
  Diagnosis,
  | 'throughline'
  | 'node'
  | 'configFile'
  | 'identity'
  | 'plugins'
  | 'packages'
  | 'libraries'
  | 'options'
  | 'findings'
>;

/**
 * Examines the folder of a service without starting the service: what is installed, and what the environment and the
 * config file set. The config file and the installed plugins are loaded; nothing is sent.
 *
 * @param folder absolute path of the folder with the service's package.json
 * @param environment the variables that the service would see
 *
 * @example
 * import { diagnoseFolder } from '@throughline/core/diagnosis';
 *
 * const { findings } = await diagnoseFolder(process.cwd(), process.env);
 * for (const { level, code, message } of findings) console.log(level, code, message);
 */
export async function diagnoseFolder(folder: string, environment: Environment): Promise<FolderDiagnosis> {
  const libraryNames = [...Object.keys(pluginLibraries), ...Object.keys(outdatedLibraries)];
  const installed = await findInstalledCopies([...examinedPackages, ...libraryNames], folder);
  const isInstalled = (name: string) => installed.some((copy) => copy.name === name);
  const folders = serviceFolders(undefined, folder);
  const configFile = loadConfigFile(folders);
  const loaded = configFile?.options.plugins
    ? { plugins: configFile.options.plugins, problems: [] }
    : loadInstalledPlugins(folders);
  const { options, sources, warnings } = resolveOptions({}, environment, configFile?.options);
  const servicePackage = readServicePackage(join(folder, 'package.json'));
  const identity = redactIdentity(resolveIdentity(options, environment, servicePackage));
  const packages = describePackages(installed);
  const plugins = await recordsOf(loaded.plugins);
  const uses = directLibraries(folder);
  const libraries = examineLibraries({
    asked: plugins.flatMap(({ name, records }) =>
      records.map((record) => ({
        owner: name,
        name: record.name,
        supportedVersions: new Set(record.versions),
        folders: new Set<string>(),
        given: false,
      })),
    ),
    listeners: new Set(),
    plugins,
    copiesOf: (name) => installed.filter((copy) => copy.name === name && uses(copy)),
    isInstalled,
    arePluginsListed: configFile?.options.plugins !== undefined,
    stage: 'installed',
  });
  const { node, throughline } = emptyDiagnosis('not started', []);
  return {
    throughline,
    node,
    configFile: configFile?.path,
    identity: identityLabels(identity),
    plugins,
    packages,
    libraries: libraries.libraries,
    options: withIdentity(describeOptions({ options, sources }), identity, servicePackage, environment),
    findings: sortedFindings([
      ...[...(configFile?.problem ? [configFile.problem] : []), ...loaded.problems, ...warnings].map(
        (problem) => findingOfError(problem),
      ),
      ...libraries.findings,
      ...versionFindings(packages),
      ...copyFindings(packages),
      ...endFindings(options, asksForPush(options.metrics, sources['metrics.push'] !== undefined)),
    ]),
  };
}

/** Only what package.json names: a library that a tool brings along is not one that the service uses. */
function directLibraries(folder: string): (copy: InstalledCopy) => boolean {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const named = new Set(Object.keys({ ...manifest.optionalDependencies, ...manifest.dependencies }));
  return ({ name }) => [name, ...(broughtBy[name] ?? [])].some((each) => named.has(each));
}

/** For packages that services also use: the oldest version whose telemetry is included. */
const oldestUsable: Readonly<Record<string, string>> = {
  '@opentelemetry/api': '1.9.0',
  'prom-client': '12.0.0',
};

function copyFindings(packages: Diagnosis['packages']): DiagnosisFinding[] {
  return packages.flatMap(({ name, copies }) => {
    const oldest = oldestUsable[name];
    if (oldest !== undefined) {
      return copies
        .filter(({ version }) => version !== undefined && !satisfies(version, `>=${oldest}`))
        .map(({ folder, version }) => {
          const error = new ObservabilityError(
            'OBS_PACKAGE_TOO_OLD',
            `${name} ${version} in ${folder} is too old. If the service loads it, what it records may be missing.`,
            { fix: `Install ${name} ${oldest} or newer: \`npm ls ${name}\` shows who holds the old one.` },
          );
          return findingOfError(error, 'warning');
        });
    }
    if (!agents.includes(name)) return [];
    const error = new ObservabilityError(
      'OBS_OTHER_AGENT',
      `${name} is also installed. If the service starts it, requests are traced twice.`,
    );
    return [findingOfError(error, 'info')];
  });
}
