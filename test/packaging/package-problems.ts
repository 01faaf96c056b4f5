import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** What publint finds in a tarball, warnings and suggestions too. */
export async function problemsOfManifest(tarball: string): Promise<readonly (string | undefined)[]> {
  const { messages, pkg } = await publint({ pack: { tarball: arrayBufferOf(tarball) }, strict: true });
  return messages.map((message) => formatMessage(message, pkg));
}

/** What attw finds: entries whose types cannot be resolved, or do not fit the code, in each way of resolving modules. */
export async function problemsOfTypes(tarball: string): Promise<readonly object[]> {
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(arrayBufferOf(tarball))));
  return analysis.types ? analysis.problems : [{ kind: 'NoTypes' }];
}

function arrayBufferOf(file: string): ArrayBuffer {
  return new Uint8Array(readFileSync(file)).buffer;
}
