import { natsHint, startNats } from '@throughline/testbed/nats';
import { createProcesses } from '@throughline/testbed/processes';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    natsUrl: string;
    /** Of a server without headers. */
    natsUrlWithoutHeaders: string;
  }
}

/** One server for all test files, and one without headers. */
export default async function startOneServer(project: TestProject) {
  const processes = createProcesses();
  const folder = temporaryFolder();
  const server = await startNats({ processes, folder });
  const withoutHeaders = await startNats({ processes, folder, hasHeaders: false });
  if (!server) console.log(`Tests with NATS are off: ${natsHint}.`);
  project.provide('natsUrl', server?.url ?? '');
  project.provide('natsUrlWithoutHeaders', withoutHeaders?.url ?? '');
  return () => processes.stopAll();
}
