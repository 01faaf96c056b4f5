/**
 * The package that a file below node_modules is of. The innermost counts: pnpm and Plug'n'Play have node_modules in
 * node_modules. Names with a dot in front are none of packages: `.bin`, `.cache`.
 *
 * @param path with `/` between folders
 */
export function installedPackageOf(path: string): string | undefined {
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/.][^/]*)\//.exec(path)?.[1];
}
