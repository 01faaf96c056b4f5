/*
 * Asks the registry whether what users install has known vulnerabilities: the dependencies of the packages, and what is
 * bundled into them. Vulnerabilities of development dependencies alone are listed, and fail nothing: old versions of
 * libraries are there to be tested against.
 *
 *   npm run audit
 *
 * A registry that does not answer is not a finding: some mirrors have no audit. Then the command says so and succeeds; with
 * AUDIT_REQUIRED=true it fails.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The names of the packages whose code is bundled, from the lists of their licences. */
export function bundledPackages() {
  const names = new Set();
  for (const name of readdirSync(join(root, 'packages'))) {
    let licences;
    try {
      licences = readFileSync(join(root, 'packages', name, 'THIRD-PARTY-LICENSES.md'), 'utf8');
    } catch {
      continue;
    }
    // `## one, @scope/two (MIT)`
    for (const [, heading] of licences.matchAll(/^## (.+) \([^)]*\)$/gm)) {
      for (const bundled of heading.split(', ')) names.add(bundled);
    }
  }
  return names;
}

/**
 * What an answer of `pnpm audit --json` says.
 *
 * @param {string} text standard output of the command
 * @returns {{ unanswered: string } | { advisories: { name: string, severity: string, title: string, url: string }[] }}
 */
export function readAudit(text) {
  let report;
  try {
    report = JSON.parse(text);
  } catch {
    return { unanswered: `the answer is not JSON: ${text.slice(0, 200)}` };
  }
  if (report?.error) return { unanswered: String(report.error.message ?? report.error) };
  // Without this object it was not an answer to the question, and no finding may not be read into it.
  if (typeof report?.advisories !== 'object') return { unanswered: 'the answer has no list of advisories' };
  return {
    advisories: Object.values(report.advisories).map(({ module_name, severity, title, url }) => ({
      name: module_name,
      severity,
      title,
      url,
    })),
  };
}

async function audit(...flags) {
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(root, 'scripts/pnpm.mjs'), 'audit', '--json', ...flags],
      { cwd: root, maxBuffer: 1e8 },
    );
    return readAudit(stdout);
  } catch (error) {
    // It exits with 1 when there are findings.
    return readAudit(error.stdout ?? '');
  }
}

async function main() {
  const [production, all] = [await audit('--prod'), await audit()];
  const unanswered = production.unanswered ?? all.unanswered;
  if (unanswered !== undefined) {
    console.log(`Not checked, the registry cannot be asked: ${unanswered.trim()}`);
    process.exitCode = process.env.AUDIT_REQUIRED === 'true' ? 1 : 0;
    return;
  }
  const bundled = bundledPackages();
  const shipped = [...production.advisories, ...all.advisories.filter(({ name }) => bundled.has(name))];
  const shown = ({ name, severity, title, url }) => `${severity} ${name}: ${title} ${url}`;
  const failures = new Set(shipped.map(shown));
  for (const advisory of all.advisories) {
    const line = shown(advisory);
    console.log(failures.has(line) ? `FAILED ${line}` : `(development only) ${line}`);
  }
  console.log(`${failures.size} vulnerabilities in what users install`);
  process.exitCode = failures.size > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
