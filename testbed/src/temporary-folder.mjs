import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Begins the names of all folders of one run of tests, in all of its processes. */
const runVariable = 'THROUGHLINE_TEST_RUN';

/** A new folder that goes with the process; other users may enter it, because root runs PostgreSQL as one. */
export function temporaryFolder() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `throughline-${process.env[runVariable] ?? ''}`)));
  chmodSync(folder, 0o711);
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Called by vitest before all tests. It ends its processes by a signal, and then they do not remove their folders
 * themselves.
 *
 * @returns called after all tests: removes the folders of this run
 */
export default function setUp() {
  process.env[runVariable] ??= `${randomBytes(3).toString('hex')}-`;
  const begin = `throughline-${process.env[runVariable]}`;
  return () => {
    for (const name of readdirSync(tmpdir())) {
      if (name.startsWith(begin)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
  };
}
