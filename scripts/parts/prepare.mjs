/*
 * Fetches and compiles what the tests' real parts need and the cache does not have yet: Kafka's broker, its native
 * clients, FerretDB, all that build-backends.mjs builds, and the schemas of Kubernetes. Tests do the same on demand; before them, it does not run
 * beside their clocks.
 *
 *   node scripts/parts/prepare.mjs
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { kafkaHint, startKafka } from './kafka.mjs';
import { kafkaClientsHint, nativeKafkaClients } from './kafka-clients.mjs';
import { kubernetesSchemas, kubernetesSchemasHint } from './kubernetes-schemas.mjs';
import { createProcesses } from './processes.mjs';
import { temporaryFolder } from './temporary-folder.mjs';

const processes = createProcesses();
for (const [what, script] of [
  ['FerretDB', 'build-ferretdb.mjs'],
  ['What the stack is checked with', 'build-backends.mjs'],
]) {
  try {
    const file = fileURLToPath(new URL(script, import.meta.url));
    execFileSync(process.execPath, [file], { stdio: 'inherit' });
  } catch {
    console.log(`${what} could not be built: that needs Go.`);
  }
}
const kafka = await startKafka({ processes, folder: temporaryFolder() });
console.log(kafka ? 'Kafka starts.' : `There is no Kafka: ${kafkaHint}.`);
const clients = await nativeKafkaClients({ processes });
console.log(
  clients ? 'The native Kafka clients are built.' : `No native Kafka clients: ${kafkaClientsHint}.`,
);
console.log(
  kubernetesSchemas()
    ? 'The schemas of Kubernetes are there.'
    : `No schemas of Kubernetes: ${kubernetesSchemasHint}.`,
);
await processes.stopAll();
