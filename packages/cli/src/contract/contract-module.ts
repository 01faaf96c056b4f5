import { type Contract, checkContract } from '@throughline/core/internal';
import { CommandError } from '../command-line/errors.js';
import { loadModule } from '../command-line/load-module.js';

/**
 * The contract that a file or an installed package exports, as default or as `contract`.
 *
 * @throws CommandError `OBS_COMMAND_INPUT` or `OBS_CONTRACT_INVALID` when there is none
 */
export async function loadContract(name: string, folder: string): Promise<Contract> {
  const loaded = await loadModule(name, folder);
  // CommonJS arrives as the default export of its namespace, which may itself have a `contract`.
  const fallback = loaded.default as Readonly<Record<string, unknown>> | undefined;
  const contract = loaded.contract ?? fallback?.contract ?? fallback?.default ?? fallback;
  if (contract === undefined) {
    throw new CommandError(
      'OBS_COMMAND_INPUT',
      `${name} exports no contract, neither as default nor as \`contract\`.`,
    );
  }
  return checkContract(contract);
}
