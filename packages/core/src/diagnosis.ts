/*
 * What `throughline doctor` asks of the core that a service has installed, without starting the service.
 */
export { diagnoseFolder, type FolderDiagnosis } from './doctor/service-folder.js';
