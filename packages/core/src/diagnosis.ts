/*
 * What `throughline doctor` asks of the core that a service has installed, without starting the service.
 */
export { diagnoseFolder, type FolderDiagnosis } from './service-folder/diagnose-folder.js';
