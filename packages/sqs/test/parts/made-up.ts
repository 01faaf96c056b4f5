import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';

/** Loads a made-up version of the SDK's package; gives its client. */
export function loadMadeUpClient(version: string): { readonly prototype: object } {
  const name = '@aws-sdk/client-sqs';
  const folder = join(temporaryFolder(), 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version, main: 'index.js' }));
  writeFileSync(join(folder, 'index.js'), 'exports.SQSClient = class SQSClient { send() {} };');
  return createRequire(join(folder, 'package.json'))(folder).SQSClient;
}
