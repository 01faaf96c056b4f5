import { kafkaClientsHint, nativeKafkaClients } from '@throughline/testbed/kafka-clients';
import { createProcesses } from '@throughline/testbed/processes';
import { expect, test } from 'vitest';

/** Requires a native client; where they cannot be built, one line says so, and in CI a test fails. */
export const requireClient: NodeJS.Require | undefined = await nativeKafkaClients({
  processes: createProcesses(),
});
if (!requireClient) {
  if (process.env.CI)
    test('the native clients are there', () => expect(requireClient, kafkaClientsHint).toBeDefined());
  else
    console.log(`Tests with node-rdkafka and @confluentinc/kafka-javascript are off: ${kafkaClientsHint}.`);
}
