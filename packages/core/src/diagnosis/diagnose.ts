import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { Registry } from 'prom-client';
import satisfies from 'semver/functions/satisfies.js';
import type { Logger } from 'winston';
import packageJson from '../../package.json' with { type: 'json' };
import type { Breach } from '../contract/breaches.js';
import { contractBreached } from '../contract/start-check.js';
import type { ServedAt } from '../lifecycle/endpoint-server.js';
import type { PluginSet } from '../lifecycle/plugin-set.js';
import type { ProblemRecord } from '../lifecycle/problem-record.js';
import { audit } from '../logs/audit-line.js';
import type { Environment } from '../model/environment.js';
import { errorReason } from '../model/foreign-error.js';
import { type Identity, identityLabels, type NamedPackage } from '../model/identity.js';
import type { ProcessKind } from '../model/process-kind.js';
import type { ResolveResult } from '../options/resolve.js';
import type { PatchRecord } from '../patching/patch-record.js';
import { examineBackends } from './backends.js';
import type { DiagnoseOptions, Diagnosis } from './diagnosis.js';
import { emptyDiagnosis } from './empty-diagnosis.js';
import { endFindings, outputFindings, threadFindings } from './end-of-process.js';
import { type DiagnosisFinding, finding, findingOfError, sortedFindings } from './findings.js';
import { examineLibraries, knownRanges } from './libraries.js';
import { channelLibraries, importedLibraries } from './library-catalogue.js';
import { describeOptions, withIdentity } from './option-report.js';
import {
  findInstalledCopies,
  type InstalledCopy,
  isDirectDependency,
  packageFolder,
} from './package-copies.js';
import { describePackages, examinedPackages, loadedCopies, versionFindings } from './packages.js';
import { examineScrape, type ScrapeReport } from './scrape.js';
import { createTestTrace, testLine } from './test-signals.js';

/** What of an instance is looked at. */
export interface DiagnosedParts {
  readonly resolved: Pick<ResolveResult, 'options' | 'sources'>;
  readonly environment: Environment;
  readonly identity: Identity;
  readonly servicePackage: NamedPackage;
  readonly configFile: string | undefined;
  readonly breaches: () => readonly Breach[];
  readonly isPushed: boolean;
  readonly registry: Registry;
  readonly patches: PatchRecord;
  readonly plugins: PluginSet;
  readonly problems: ProblemRecord;
  readonly logger: Logger;
  readonly endpoint: () => Promise<ServedAt | undefined>;
}

const defaultTimeoutMillis = 5_000;

/** Examines all parts. A part that cannot be examined becomes a finding. Never rejects. */
export function diagnose(parts: DiagnosedParts, options: DiagnoseOptions = {}): Promise<Diagnosis> {
  // Requests of the diagnosis must not appear in the telemetry of the service.
  return context.with(suppressTracing(context.active()), () => examineAll(parts, options));
}

async function examineAll(
  parts: DiagnosedParts,
  { timeoutMillis: limit, contact = true, testLine: writesLine = false }: DiagnoseOptions,
): Promise<Diagnosis> {
  const timeoutMillis = limit !== undefined && limit > 0 ? limit : defaultTimeoutMillis;
  const findings: DiagnosisFinding[] = [...nodeFindings()];
  const part = async <T>(what: string, examine: () => T | Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await examine();
    } catch (error) {
      const reason = errorReason(error);
      findings.push(finding('OBS_DIAGNOSIS_FAILED', `Throughline could not examine ${what}: ${reason}.`));
      return otherwise;
    }
  };
  const { resolved, environment, identity, servicePackage, isPushed, plugins } = parts;
  const { options } = resolved;
  const trace = contact ? createTestTrace() : undefined;
  if (trace && writesLine && !options.logs.destinations.includes('otlp')) {
    await part(
      'log lines',
      () => audit(parts.logger, testLine(trace), { 'throughline.doctor': true }),
      undefined,
    );
  }

  const asked = parts.patches.packages();
  const pluginStates = plugins.names.map((name) => ({
    name,
    on: plugins.isOn(name),
    records: asked
      .filter(({ owner }) => owner === name)
      .map((each) => ({ name: each.name, versions: knownRanges([...each.supportedVersions]) })),
  }));
  const [backendReport, scrapeReport, installed] = await Promise.all([
    part(
      'the OTLP endpoints',
      () => examineBackends({ ...resolved, isPushed, identity, environment, timeoutMillis, trace }),
      { backends: [], findings: [] },
    ),
    part<ScrapeReport>(
      'the metrics endpoint',
      async () => examineScrape(options, await parts.endpoint(), identity.instanceId, timeoutMillis),
      { scrape: undefined, findings: [] },
    ),
    part(
      'the installed packages',
      () =>
        findInstalledCopies(
          [...examinedPackages, ...Object.keys(channelLibraries), ...importedLibraries],
          packageFolder(process.argv[1]),
        ),
      [],
    ),
  ]);
  const packages = await part('the packages', () => describePackages(installed), []);
  const libraryReport = await part(
    'the libraries',
    () =>
      examineLibraries({
        asked,
        listeners: parts.patches.listeners(),
        plugins: pluginStates,
        copiesOf: (name) => copiesInUse(name, installed),
        isInstalled: (name) => installed.some((copy) => copy.name === name),
        arePluginsListed: resolved.sources.plugins !== 'installed packages',
        stage: 'loaded',
      }),
    { libraries: [], findings: [] },
  );
  const described = await part(
    'the options',
    () => withIdentity(describeOptions(resolved), identity, servicePackage, environment),
    [],
  );
  const breaches = parts.breaches();
  findings.push(
    ...backendReport.findings,
    ...scrapeReport.findings,
    ...libraryReport.findings,
    ...versionFindings(packages),
    ...endFindings(options, isPushed),
    ...threadFindings(scrapeReport.threads ?? 0),
    ...outputFindings(options),
    ...(breaches.length > 0 ? [findingOfError(contractBreached(breaches))] : []),
    ...reported(
      parts.problems,
      backendReport.backends.some(({ isTaken }) => isTaken === false),
      scrapeReport.holder,
    ),
  );
  const sorted = sortedFindings(findings);
  return {
    ...emptyDiagnosis('on', sorted),
    configFile: parts.configFile,
    identity: identityLabels(identity),
    plugins: pluginStates,
    packages,
    libraries: libraryReport.libraries,
    options: described,
    contract: options.contract && { mode: options.contract.mode, breaches },
    backends: backendReport.backends,
    scrape: scrapeReport.scrape,
    sent: await part('what was sent', () => sent(parts.registry), { spans: {}, logRecords: {} }),
    testTraceId: trace?.traceId,
  };
}

/** The copies that are in the module cache; of a library that can be imported, those that are installed. */
function copiesInUse(name: string, installed: readonly InstalledCopy[]) {
  const loaded = loadedCopies(name);
  if (loaded.length > 0 || !importedLibraries.has(name)) return loaded;
  return installed.filter(
    (copy) => copy.name === name && isDirectDependency(name, packageFolder(process.argv[1])),
  );
}

/** The diagnosis of a process in which nothing is recorded. */
export function inertDiagnosis(state: 'off' | 'not started', register?: ProcessKind): Diagnosis {
  const found =
    state === 'off'
      ? finding('OBS_SWITCHED_OFF', 'Throughline is switched off in this process: nothing is recorded.')
      : notStarted(register);
  return emptyDiagnosis(state, sortedFindings([...nodeFindings(), found]));
}

function notStarted(register: ProcessKind | undefined): DiagnosisFinding {
  if (register === undefined || register.role === 'service') {
    return finding('OBS_NOT_STARTED', 'Throughline was not started in this process: nothing is recorded.');
  }
  const program = register.program ?? 'a program without a file, such as `node -e`';
  return finding(
    'OBS_ONLY_LAUNCHERS',
    `This process runs ${program}, so the register entry did not start Throughline: nothing is recorded.`,
  );
}

/** The problems that the service has reported since its start, except those that the diagnosis explains better. */
function reported(
  problems: ProblemRecord,
  hasEndpointFinding: boolean,
  portHolder: string | undefined,
): DiagnosisFinding[] {
  return problems
    .all()
    .filter(
      ({ code }) => code !== 'OBS_CONTRACT_BREACHED' && !(code === 'OBS_EXPORT_FAILED' && hasEndpointFinding),
    )
    .map((error) => {
      const found = findingOfError(error);
      return error.code === 'OBS_METRICS_PORT_IN_USE' && portHolder !== undefined
        ? { ...found, message: `${found.message} The service '${portHolder}' uses that port.` }
        : found;
    });
}

function nodeFindings(): DiagnosisFinding[] {
  const { node } = process.versions;
  const wanted = packageJson.engines.node;
  return satisfies(node, wanted, { includePrerelease: true })
    ? []
    : [
        finding(
          'OBS_NODE_UNSUPPORTED',
          `The service runs on Node ${node}; Throughline needs Node ${wanted}.`,
        ),
      ];
}

async function sent(registry: Registry): Promise<Diagnosis['sent']> {
  const counts = async (name: string) => {
    const metric = await registry.getSingleMetric(name)?.get();
    return Object.fromEntries(
      (metric?.values ?? []).map(({ labels, value }) => [String(labels.result), value]),
    );
  };
  return {
    spans: await counts('throughline_spans_total'),
    logRecords: await counts('throughline_log_records_total'),
  };
}
