/** Modules by package name, as `import` or `require` returned them. */
export type LoadedModules = Readonly<Record<string, unknown>>;

/** A patch of one package, for the versions that it supports. */
export interface ModulePatch {
  /** Name of the package, for example `express`. */
  readonly name: string;
  /** A file inside the package whose exports to patch, for example `lib/client.js`. Default: its main file. */
  readonly file?: string;
  /** Supported versions as semver ranges, for example `['>=4.16.0 <6']`. */
  readonly supportedVersions: readonly string[];
  /**
   * Also patches the package as an ES module. Node has no cache of ES modules to search. So the copy that the service lists among its
   * dependencies is patched at the first request or message, if the service has loaded it by then.
   */
  readonly esModule?: {
    /** Whether the service has loaded the package, detected by a trace that the package leaves in the process. */
    isLoaded(): boolean;
  };
  /** Changes the exports of the module in place. Called once for each copy of the package. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a patch that cannot be undone returns nothing
  patch(moduleExports: unknown, version: string | undefined): void | (() => void);
}
