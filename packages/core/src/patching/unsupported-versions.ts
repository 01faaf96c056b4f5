import { ObservabilityError } from '../model/errors.js';
import { isSupported } from './patch-modules.js';
import type { PatchRecord } from './patch-record.js';

/** Says that a version of a library is not supported by its plugin: once for each owner, library and version. */
export function warnOfUnsupported(
  record: PatchRecord,
  report: (error: ObservabilityError) => void,
): (owner: string, name: string, copy: { version: string | undefined; folder: string }) => void {
  const reported = new Set<string>();
  return (owner, name, { version, folder }) => {
    const key = `${owner} ${name} ${version}`;
    if (version === undefined || reported.has(key)) return;
    // A plugin may have several patches for a library, each for other versions: all of them are known after its setup.
    queueMicrotask(() => {
      if (reported.has(key)) return;
      const ranges = record
        .packages()
        .filter((each) => each.owner === owner && each.name === name)
        .flatMap(({ supportedVersions }) => [...supportedVersions])
        .filter((range) => range !== '*');
      if (ranges.length === 0 || isSupported(ranges, version)) return;
      reported.add(key);
      const supported = ranges.join(' or ');
      report(
        new ObservabilityError(
          'OBS_LIBRARY_UNSUPPORTED',
          `${name} ${version} in ${folder} is not recorded: ${owner} supports ${supported}.`,
          { fix: `Install ${name} ${supported}, or a newer version of the plugin.` },
        ),
      );
    });
  };
}
