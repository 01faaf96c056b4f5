import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Environment, finding } from '@throughline/core/internal';
import { CommandError } from '../command-line/errors.js';
import { type DoctorReport, withFindings } from './report.js';

type DiagnosisEntry = typeof import('@throughline/core/diagnosis');

/** What can be known without starting the service. The core that the service has installed says it. */
export async function examineFolder(folder: string, environment: Environment): Promise<DoctorReport> {
  if (!existsSync(join(folder, 'package.json'))) {
    throw new CommandError('OBS_COMMAND_INPUT', `There is no package.json in ${folder}.`, {
      fix: 'Run the command in the folder of the service.',
    });
  }
  const bare: DoctorReport = { ok: true, mode: 'folder', subject: folder, findings: [] };
  const version = installedCoreVersion(folder);
  if (version === undefined) return withFindings(bare, [notInstalled(folder)]);
  const { diagnoseFolder } = loadDiagnosis(folder, version);
  const { findings, ...diagnosis } = await diagnoseFolder(folder, environment);
  return withFindings({ ...bare, ...diagnosis }, findings);
}

export function notInstalled(folder: string) {
  return finding('OBS_NOT_INSTALLED', `@throughline/core is not installed in ${folder}.`);
}

/** As Node finds it from the folder, in node_modules or by Yarn's Plug'n'Play; undefined when it is not installed. */
export function installedCoreVersion(folder: string): string | undefined {
  try {
    return String(createRequire(join(folder, 'package.json'))('@throughline/core/package.json').version);
  } catch {
    return undefined;
  }
}

function loadDiagnosis(folder: string, version: string): DiagnosisEntry {
  try {
    return createRequire(join(folder, 'package.json'))('@throughline/core/diagnosis') as DiagnosisEntry;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const isOtherVersion = code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
    const [reason] = String(message).split('\n');
    throw new CommandError(
      'OBS_COMMAND_INPUT',
      isOtherVersion
        ? `@throughline/core ${version} in ${folder} does not export @throughline/core/diagnosis. This command needs core in the same version.`
        : `@throughline/core ${version} in ${folder} could not be loaded: ${reason}.`,
      {
        cause,
        fix: isOtherVersion
          ? 'Install @throughline/core and throughline in the same version.'
          : 'Run `npm install` in the folder of the service, and run the command again.',
      },
    );
  }
}
