import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One folder for the tarballs of a whole run: each package is packed by the first test that needs it. */
export default function setup() {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-tarballs-'));
  process.env.THROUGHLINE_TARBALLS = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
