/*
 * Parts that anyone may build: nothing that is fetched or built here has a licence outside of a short list.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backendHint, backendsFolder } from './backend-programs.mjs';
import { parts, permittedGoModules, permittedLicences, refusedGoModules } from './catalogue.mjs';
import { licenceOfText, refusedLicences } from './licences.mjs';
import { root } from './paths.mjs';

const folder = join(root, 'testbed/backends');

describe('parts', () => {
  it.each(parts.map((part) => [part.name, part] as const))(
    '%s has a permitted licence and a reason',
    (_, part) => {
      expect(permittedLicences).toContain(part.licence);
      expect(part.reason).toMatch(/^[A-Z].*\.$/);
      expect(part.version).toMatch(/^v?\d+\.\d+\.\d+$/);
    },
  );

  it('are all that is built: every go.mod belongs to one, and has its version', () => {
    const folders = parts.flatMap((part) => part.folder ?? []);
    expect(readdirSync(folder).sort()).toEqual([...folders].sort());
    for (const { name, source, version, folder: own } of parts) {
      if (own === undefined) continue;
      const modules = readFileSync(join(folder, own, 'go.mod'), 'utf8');
      expect(modules, name).toMatch(
        new RegExp(
          `^(?:require |\\t)${source.replaceAll('.', '\\.')} ${version.replaceAll('.', '\\.')}( |$)`,
          'm',
        ),
      );
    }
  });

  it('name no module that is refused, among their dependencies either', () => {
    for (const own of readdirSync(folder)) {
      const lines = ['go.mod', 'go.sum'].flatMap((name) =>
        readFileSync(join(folder, own, name), 'utf8').split('\n'),
      );
      const refused = lines.filter((line) =>
        refusedGoModules.some((prefix) =>
          line
            .trim()
            .split(/\s+/)
            .some(
              (word) =>
                word.startsWith(prefix) && !permittedGoModules.some((module) => word.startsWith(module)),
            ),
        ),
      );
      expect(refused, own).toEqual([]);
    }
  });

  it('contain permitted modules only, by the licence file of each module', () => {
    const files = existsSync(backendsFolder)
      ? readdirSync(backendsFolder).filter((name) => name.endsWith('.licences.json'))
      : [];
    for (const file of files) {
      const licences = JSON.parse(readFileSync(join(backendsFolder, file), 'utf8'));
      expect(Object.keys(licences).length, file).toBeGreaterThan(0);
      expect(refusedLicences(licences), file).toEqual([]);
    }
    if (process.env.CI) {
      expect(files).toEqual(expect.arrayContaining(['jaeger.licences.json', 'ferretdb.licences.json']));
    }
  });

  it('are refused where a module has another licence, or none that is known', () => {
    const agpl = 'GNU AFFERO GENERAL PUBLIC LICENSE\n   Version 3, 19 November 2007';
    expect(licenceOfText(agpl)).toBe('AGPL-3.0-only');
    expect(licenceOfText('GNU GENERAL PUBLIC LICENSE\nVersion 2')).toBe('GPL');
    expect(licenceOfText('All rights reserved.')).toBe('unknown');
    expect(
      refusedLicences({ 'a@v1': licenceOfText(agpl), 'b@v1': 'MIT', 'c@v1': licenceOfText('Ask us.') }),
    ).toEqual(['a@v1: AGPL-3.0-only', 'c@v1: unknown']);
  });

  it('say what to do where one is missing: why, how to build it, and by which address to name one', () => {
    const hint = backendHint('jaeger');
    expect(hint).toMatch(
      /^(there is no program jaeger on the PATH or in \S+|it could not be built \(.+\)); /,
    );
    expect(hint).toContain('node testbed/build-backends.mjs jaeger');
    expect(hint).toContain('set JAEGER_QUERY_URL and JAEGER_OTLP_URL');
  });
});
