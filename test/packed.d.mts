export declare const packages: string[];
export declare function runIn(folder: string, command: string, args: readonly string[]): Promise<string>;
export declare function installPacked(
  libraries: readonly string[],
  manifest?: object,
): Promise<{ folder: string; tarballs: string[] }>;
