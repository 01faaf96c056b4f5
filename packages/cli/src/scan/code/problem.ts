const words: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  ENOENT: 'it does not exist any more',
  ELOOP: 'the link points to itself',
};

/** Why a file could not be read, parsed or written, in a few words. */
export function problemOf(error: unknown): string {
  if (error instanceof RangeError) return 'nested too deeply';
  const { code, message } = error as NodeJS.ErrnoException;
  return (code !== undefined && words[code]) || (message ?? String(error));
}
