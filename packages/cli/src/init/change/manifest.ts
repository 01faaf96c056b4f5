import { applyEdits, type FormattingOptions, modify } from 'jsonc-parser';
import type { PackageFile } from '../service/package-file.js';

export interface ManifestChange {
  /** Ranges to add, by package. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** Places in scripts after the word `node` that get the flag. */
  readonly places: readonly { readonly script: string; readonly offset: number }[];
}

const flag = ' --import @throughline/core/register';

/** The text of a package.json with the changes; everything else stays as it is, to the byte. */
export function withChange({ text, json }: PackageFile, { dependencies, places }: ManifestChange): string {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  let result = text.slice(mark.length);
  // A file on one line stays on one line.
  const format = /\n./.test(result) ? { formattingOptions: formatOf(result) } : {};
  const set = (path: string[], value: unknown, order?: (names: string[]) => number) => {
    const options = order ? { ...format, getInsertionIndex: order } : format;
    result = applyEdits(result, modify(result, path, value, options));
  };
  const names = Object.keys(dependencies);
  // A whole object at once, so that a new one is laid out like the rest.
  if (json.dependencies === undefined) {
    if (names.length > 0) set(['dependencies'], dependencies);
  } else {
    for (const name of names) {
      set(['dependencies', name], dependencies[name], (present) => insertionIndex(present, name));
    }
  }
  for (const [script, offsets] of offsetsByScript(places)) {
    let command = json.scripts?.[script] ?? '';
    // From the end, so that the earlier offsets stay right.
    for (const offset of offsets.sort((a, b) => b - a))
      command = command.slice(0, offset) + flag + command.slice(offset);
    set(['scripts', script], command);
  }
  return mark + result;
}

/** Package managers sort the names; where the file has another order, the end is the place that surprises least. */
function insertionIndex(present: readonly string[], name: string): number {
  const isSorted = present.every((each, index) => index === 0 || (present[index - 1] ?? '') <= each);
  const index = present.findIndex((each) => each > name);
  return isSorted && index >= 0 ? index : present.length;
}

function offsetsByScript(places: ManifestChange['places']): Map<string, number[]> {
  const offsets = new Map<string, number[]>();
  for (const { script, offset } of places) offsets.set(script, [...(offsets.get(script) ?? []), offset]);
  return offsets;
}

function formatOf(text: string): FormattingOptions {
  const [, indent = '  '] = /^[^\S\n\r]*\{\s*?\r?\n([^\S\n\r]+)"/.exec(text) ?? [];
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  return {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
    eol,
  };
}
