/*
 * Fetches and compiles what the tests' real parts need and the cache does not have yet: Kafka's broker, its native
 * clients, FerretDB, all that build-backends.mjs builds, the schemas of Kubernetes (see catalogue.mjs), and a second
 * Node. A part that is missing is named with the reason; with CI=true it fails. Tests start programs on demand.
 * Preparing them first keeps build times out of the time limits of the tests.
 *
 *   node testbed/prepare.mjs
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { kafkaHint, startKafka } from './src/kafka.mjs';
import { kafkaClientsHint, nativeKafkaClients } from './src/kafka-clients.mjs';
import { kubernetesSchemas, kubernetesSchemasHint } from './src/kubernetes-schemas.mjs';
import { nodeOf, secondNode } from './src/nodes.mjs';
import { createProcesses } from './src/processes.mjs';
import { temporaryFolder } from './src/temporary-folder.mjs';

const processes = createProcesses();
/** What is missing in CI is a failure; elsewhere its tests are off. */
function missing(what, hint) {
  console.log(`${what} is missing: ${hint}.`);
  if (process.env.CI) process.exitCode = 1;
}

for (const [what, script] of [
  ['FerretDB', 'build-ferretdb.mjs'],
  ['A program that the stack is checked with', 'build-backends.mjs'],
]) {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const startMillis = Date.now();
  const { status } = spawnSync(process.execPath, [file], { stdio: 'inherit' });
  if (status !== 0) missing(what, `testbed/${script} says why; it needs Go 1.26`);
  else console.log(`${script}: ${Math.round((Date.now() - startMillis) / 1000)} s`);
}
const kafka = await startKafka({ processes, folder: temporaryFolder() });
if (kafka) console.log('Kafka starts.');
else missing('Kafka', kafkaHint);
if (await nativeKafkaClients({ processes })) console.log('The native Kafka clients are built.');
else missing('A native Kafka client', kafkaClientsHint);
if (kubernetesSchemas()) console.log('The schemas of Kubernetes are there.');
else missing('The schema of Kubernetes', kubernetesSchemasHint);
try {
  console.log(`Node ${nodeOf(secondNode).version} is there.`);
} catch (error) {
  missing(`Node ${secondNode}`, error.message);
}
await processes.stopAll();
