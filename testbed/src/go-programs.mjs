import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backendsFolder } from './backend-programs.mjs';
import { licencesOfProgram, refusedLicences } from './licences.mjs';

/** Tests need no fast backends: without optimisation the compiler takes a third less time. */
export const compilerFlags = '-gcflags=all=-N -l -dwarf=false';

/** The file that lists the licences of all modules that are compiled into a program. */
export function licencesFileOf(name) {
  return join(backendsFolder, `${name}.licences.json`);
}

/**
 * Reads the licences of a program that was just built, and keeps them for the tests.
 *
 * @throws if one of them is not permitted
 */
export function keepLicences(name, program) {
  const licences = licencesOfProgram(program);
  const refused = refusedLicences(licences);
  if (refused.length > 0) throw new Error(`${name} contains what is not permitted: ${refused.join(', ')}`);
  mkdirSync(backendsFolder, { recursive: true });
  writeFileSync(licencesFileOf(name), JSON.stringify(licences, null, 2));
}
