/*
 * What `throughline doctor` asks of the core that a service has installed, without starting the service.
 */
export type { ContractRule } from './contract/breaches.js';
export type {
  DiagnosedBackend,
  DiagnosedContract,
  DiagnosedLibrary,
  DiagnosedOption,
  DiagnosedPackage,
  DiagnosedPlugin,
  DiagnosedScrape,
} from './diagnosis/diagnosis.js';
export type { Environment } from './model/environment.js';
export type { Signal } from './model/signal.js';
export type { OptionSource } from './options/resolve.js';
export { diagnoseFolder, type FolderDiagnosis } from './service-folder/diagnose-folder.js';
