import { elasticmqHint, startElasticmq } from '@throughline/testbed/elasticmq';
import { createProcesses } from '@throughline/testbed/processes';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    sqsUrl: string;
  }
}

/** One server for all test files: starting one takes seconds. */
export default async function startOneServer(project: TestProject) {
  const processes = createProcesses();
  const server = await startElasticmq({ processes, folder: temporaryFolder() });
  if (!server) console.log(`Tests with SQS are off: ${elasticmqHint}.`);
  project.provide('sqsUrl', server?.url ?? '');
  return () => processes.stopAll();
}
