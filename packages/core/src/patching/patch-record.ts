/** What one owner's patches found, told by `patchModules`. */
export interface PatchRecorder {
  /** Records that a package should be patched if its version is in one of the ranges. */
  asked(packageName: string, supportedVersions: readonly string[]): void;
  /** A copy of it was patched; without a copy it was handed over as a module. */
  patched(packageName: string, copy: { readonly folder: string } | undefined): void;
  /** Nothing is patched: the owner listens to the channels of a library. */
  listens(): void;
}

/** What one owner has to do with one package. */
export interface PatchedPackage {
  /** A plugin's name, `http`, `logs`, or the name of an instrumentation. */
  readonly owner: string;
  readonly name: string;
  readonly supportedVersions: ReadonlySet<string>;
  /** Folders of the copies that are patched. */
  readonly folders: ReadonlySet<string>;
  /** Whether the module was handed over by an option `modules`. */
  readonly given: boolean;
}

/** Remembers who patches which packages, so that a diagnosis can say what is recorded and what is not. */
export interface PatchRecord {
  /** Starts a new record for this owner: a plugin that is switched on again applies its patches again. */
  by(owner: string): PatchRecorder;
  packages(): readonly PatchedPackage[];
  /** Owners that listen to channels. */
  listeners(): ReadonlySet<string>;
}

interface RecordedPackage extends PatchedPackage {
  readonly supportedVersions: Set<string>;
  readonly folders: Set<string>;
  given: boolean;
}

export function createPatchRecord(): PatchRecord {
  const owners = new Map<string, Map<string, RecordedPackage>>();
  const listeners = new Set<string>();
  return {
    by(owner) {
      const entries = new Map<string, RecordedPackage>();
      owners.set(owner, entries);
      listeners.delete(owner);
      const entryOf = (name: string) => {
        let entry = entries.get(name);
        if (!entry) {
          entry = { owner, name, supportedVersions: new Set(), folders: new Set(), given: false };
          entries.set(name, entry);
        }
        return entry;
      };
      return {
        asked(name, supportedVersions) {
          const entry = entryOf(name);
          for (const range of supportedVersions) entry.supportedVersions.add(range);
        },
        patched(name, copy) {
          const entry = entryOf(name);
          if (copy) entry.folders.add(copy.folder);
          else entry.given = true;
        },
        listens: () => listeners.add(owner),
      };
    },
    listeners: () => listeners,
    packages: () => [...owners.values()].flatMap((entries) => [...entries.values()]),
  };
}
