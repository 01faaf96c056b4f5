import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { permittedLicences } from './catalogue.mjs';

/**
 * The licence of every Go module that is compiled into a program, read from the licence file of the module itself.
 *
 * @param {string} program its path; the modules must be in Go's module cache, as they are after a build
 * @returns {Record<string, string>} SPDX identifier, or `unknown`, by `module@version`
 */
export function licencesOfProgram(program) {
  const go = (...args) => execFileSync('go', args, { encoding: 'utf8' });
  const moduleCache = go('env', 'GOMODCACHE').trim();
  const found = {};
  // A module that another one replaces has a line `=>` after its own.
  const lines = go('version', '-m', program).split('\n');
  lines.forEach((line, index) => {
    const [, kind, path, version] = line.split('\t');
    if (kind !== 'dep' && kind !== 'mod') return;
    if (version === '(devel)' || lines[index + 1]?.startsWith('\t=>')) return;
    const escaped = path.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
    found[`${path}@${version}`] = licenceOfFolder(join(moduleCache, `${escaped}@${version}`));
  });
  return found;
}

/** The modules of `licences` that are not permitted, for people to read. */
export function refusedLicences(licences) {
  return Object.entries(licences)
    .filter(([, licence]) => !permittedLicences.includes(licence))
    .map(([module, licence]) => `${module}: ${licence}`);
}

function licenceOfFolder(folder) {
  if (!existsSync(folder)) return 'unknown';
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|unlicense)/i.test(name));
  const known = files
    .map((name) => join(folder, name))
    .filter((path) => !path.endsWith('.go'))
    .map((path) => {
      try {
        return licenceOfText(readFileSync(path, 'utf8'));
      } catch {
        // A folder of licences.
        return 'unknown';
      }
    });
  return (
    known.find((licence) => permittedLicences.includes(licence)) ??
    known.find((licence) => licence !== 'unknown') ??
    'unknown'
  );
}

/** @returns the SPDX identifier of a licence's text; `unknown` for one that is not among those that parts may have */
export function licenceOfText(text) {
  const words = text.replace(/\s+/g, ' ');
  const title = words.slice(0, 400);
  if (/GNU AFFERO GENERAL PUBLIC LICENSE/i.test(title)) return 'AGPL-3.0-only';
  if (/GNU LESSER GENERAL PUBLIC LICENSE/i.test(title)) return 'LGPL';
  if (/GNU GENERAL PUBLIC LICENSE/i.test(title)) return 'GPL';
  if (/Business Source License/i.test(title)) return 'BUSL-1.1';
  if (/Server Side Public License/i.test(title)) return 'SSPL-1.0';
  if (/Mozilla Public License,? (Version|v\.?) ?2\.0/i.test(words)) return 'MPL-2.0';
  if (/Apache License,? (\S+ )?Version 2\.0/i.test(words)) return 'Apache-2.0';
  if (/Permission is hereby granted, free of charge/i.test(words)) return 'MIT';
  if (/Permission to use, copy, modify, and(\/or)? distribute this software/i.test(words)) return 'ISC';
  if (/Redistribution and use in source and binary forms/i.test(words)) {
    return /may be used to endorse|neither the name/i.test(words) ? 'BSD-3-Clause' : 'BSD-2-Clause';
  }
  if (/This is free and unencumbered software/i.test(words)) return 'Unlicense';
  return 'unknown';
}
