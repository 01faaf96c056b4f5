import { createProcesses } from '@throughline/testbed/processes';
import { rabbitmqHint, startRabbitmq } from '@throughline/testbed/rabbitmq';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    rabbitmqUrl: string;
  }
}

/** One broker for all test files: starting one takes seconds. */
export default async function startOneBroker(project: TestProject) {
  const processes = createProcesses();
  const broker = await startRabbitmq({ processes, folder: temporaryFolder() });
  if (!broker) console.log(`Tests with RabbitMQ are off: ${rabbitmqHint}.`);
  project.provide('rabbitmqUrl', broker?.url ?? '');
  return () => processes.stopAll();
}
