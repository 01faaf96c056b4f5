/*
 * What the package `throughline` shares with core: catalogues, checks and formats, all of them without state and
 * without dependencies. The command must run where core is not installed, so its build copies this code into it.
 *
 * This entry exists in the workspace only. It is not in `exports`, so it may change at any time. What a running
 * service answers is asked from the core that the service has installed, by `@throughline/core/diagnosis` and by
 * `diagnose()`.
 */

export {
  type Breach,
  type ContractRule,
  contractRules,
  identityBreaches,
  metricCheck,
} from './contract/breaches.js';
export { type Contract, checkContract } from './contract/contract.js';
export { contractBreached } from './contract/start-check.js';
export {
  type DiagnosisFinding,
  type FindingLevel,
  finding,
  findingCatalogue,
  findingOfError,
  sortedFindings,
} from './diagnosis/findings.js';
export {
  broughtBy,
  channelLibraries,
  pluginLibraries,
  stockInstrumentations,
} from './diagnosis/library-catalogue.js';
export { countSeries } from './diagnosis/scrape.js';
export { processState } from './instance/process-state.js';
export { setStartProbe } from './instance/start-probe.js';
export { durationBuckets, operationBuckets } from './instruments/duration-buckets.js';
export { traceIdOf } from './legacy/trace-id.js';
export { openMetricsContentType } from './metrics/exposition.js';
export { type Environment, readEnvironment } from './model/environment.js';
export { type ErrorCode, errorCatalogue, ObservabilityError } from './model/errors.js';
export { readServicePackage } from './model/identity.js';
export { nearestName } from './model/nearest-name.js';
export { checkMembers, deepFrozen } from './model/object-check.js';
export { help, page } from './model/pages.js';
export type { ProcessKind } from './model/process-kind.js';
export { agents } from './patching/conflicts.js';
