import type { TestProject } from 'vitest/node';
import { kafkaHint, startKafka } from '../../../../scripts/parts/kafka.mjs';
import { createProcesses } from '../../../../scripts/parts/processes.mjs';
import { temporaryFolder } from '../../../../scripts/parts/temporary-folder.mjs';

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
