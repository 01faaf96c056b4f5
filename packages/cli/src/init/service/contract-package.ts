import { namedPackages, type PackageFile } from './package-file.js';
import type { Workspace } from './workspace.js';

/** The package in which an organisation publishes its contract (docs/contract.md). */
export interface ContractPackage {
  readonly name: string;
  /** Whether the workspace holds it; else it comes from a registry. */
  readonly isInWorkspace: boolean;
  /** The range that another package.json of the workspace has for it. */
  readonly range: string | undefined;
}

/** `@acme/observability-contract`; `telemetry-contract` and `throughline-contract` are understood as well. */
const contractName = /(?:^|[/-])(?:observability|telemetry|throughline)-contract$/;

/** @param given the name that the user passed */
export function findContract(
  service: PackageFile,
  workspace: Workspace | undefined,
  given: string | undefined,
): ContractPackage | undefined {
  const manifests = [service, ...(workspace?.packages ?? [])];
  const named = manifests.flatMap(({ json }) => Object.entries(namedPackages(json)));
  const members = workspace?.packages.flatMap(({ json }) => json.name ?? []) ?? [];
  const name = given ?? [...named.map(([each]) => each), ...members].find((each) => contractName.test(each));
  if (name === undefined || name === service.json.name) return undefined;
  return {
    name,
    isInWorkspace: members.includes(name),
    range: named.find(([each]) => each === name)?.[1],
  };
}
