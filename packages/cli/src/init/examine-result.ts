import {
  contractBreached,
  type Environment,
  findingOfError,
  identityBreaches,
} from '@throughline/core/internal';
import { loadContract } from '../contract/contract-module.js';
import { type DoctorReport, withFindings } from '../doctor/report.js';
import { examineFolder } from '../doctor/service-folder.js';

/** Labels that do not depend on where the service runs. */
const lasting: ReadonlySet<string> = new Set(['service_name', 'service_namespace', 'team']);

/**
 * What `doctor` says about the folder, and whether the identity meets the contract: a contract in mode `error` would
 * keep the service from starting.
 *
 * @throws CommandError when the installed packages or the contract cannot be loaded
 */
export async function examineResult(
  folder: string,
  contractPackage: string | undefined,
  environment: Environment,
): Promise<DoctorReport> {
  const report = await examineFolder(folder, environment);
  if (contractPackage === undefined) return report;
  const contract = await loadContract(contractPackage, folder);
  const breaches = identityBreaches(contract, report.identity ?? {});
  if (breaches.length === 0) return report;
  const level = breaches.some(({ subject }) => lasting.has(subject)) ? 'error' : 'warning';
  return withFindings(report, [findingOfError(contractBreached(breaches), level)]);
}
