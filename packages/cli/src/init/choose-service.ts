import { relative, sep } from 'node:path';
import type { CommandIo } from '../command-line/command.js';
import { CommandError } from '../command-line/errors.js';
import { isService } from './service/entry.js';
import { type PackageFile, readPackageFile } from './service/package-file.js';
import { workspaceAround, workspaceAt } from './service/workspace.js';

/**
 * The folder of the service: the one where the command runs, or a package of the workspace whose root that is.
 *
 * @param given the package's name or folder, as the user named it
 * @throws CommandError `OBS_INIT_WORKSPACE` when the choice is open
 */
export async function chooseService(
  start: string,
  given: string | undefined,
  io: CommandIo,
): Promise<string> {
  readPackageFile(start);
  const workspace = given === undefined ? workspaceAt(start) : workspaceAround(start);
  if (!workspace) {
    if (given === undefined) return start;
    throw new CommandError(
      'OBS_INIT_WORKSPACE',
      `${start} is not in a workspace, so --workspace cannot be used.`,
      {
        fix: 'Leave --workspace out, or run the command in the root of the workspace.',
      },
    );
  }
  const { root, packages } = workspace;
  const pathOf = ({ folder }: PackageFile) => relative(root, folder).split(sep).join('/');
  const find = (name: string) =>
    name === '.'
      ? root
      : packages.find((each) => each.json.name === name || pathOf(each) === name.replace(/^\.\/|\/$/g, ''))
          ?.folder;
  const services = packages.filter(isService);
  const list = services.map((each) => `  ${each.json.name ?? ''} (${pathOf(each)})`).join('\n');
  if (given !== undefined) {
    const folder = find(given);
    if (folder !== undefined) return folder;
    throw new CommandError(
      'OBS_INIT_WORKSPACE',
      `The workspace has no package '${given}'. Its services are:\n${list}`,
    );
  }
  const [only, ...more] = services;
  if (!only) return start;
  if (more.length === 0) return only.folder;
  io.problem(`The workspace has these services:\n${list}`);
  const answer = await io.ask('Which one?');
  const folder = answer ? find(answer) : undefined;
  if (folder !== undefined) return folder;
  throw new CommandError(
    'OBS_INIT_WORKSPACE',
    answer
      ? `The workspace has no package '${answer}'.`
      : 'The workspace has several services, and none of them was chosen.',
    { fix: `Name one: \`throughline init --workspace ${only.json.name ?? pathOf(only)}\`.` },
  );
}
