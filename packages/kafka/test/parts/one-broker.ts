import { kafkaHint, startKafka } from '@throughline/testbed/kafka';
import { createProcesses } from '@throughline/testbed/processes';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    brokers: string[];
  }
}

/** One broker for all test files: starting one takes seconds. */
export default async function startOneBroker(project: TestProject) {
  const processes = createProcesses();
  const broker = await startKafka({ processes, folder: temporaryFolder() });
  if (!broker) console.log(`Tests with Kafka are off: ${kafkaHint}.`);
  project.provide('brokers', broker?.brokers ?? []);
  return () => processes.stopAll();
}
