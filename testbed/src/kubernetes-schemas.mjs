import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { partNamed } from './catalogue.mjs';
import { cacheFolder } from './paths.mjs';

/** What to do if there are no schemas. */
export const kubernetesSchemasHint = 'install Go, which fetches them once';

const kubernetesVersion = partNamed('Kubernetes').version;

/** Go modules that publish schemas together with their code, with the sum of the whole module and the files to take. */
const sources = [
  {
    module: `k8s.io/kubernetes@${kubernetesVersion}`,
    sum: 'h1:qDQdoMiluAE2Eab6Fa52YV+WjiGz9mZFFoagEA6cI+o=',
    files: ['api__v1', 'apis__apps__v1', 'apis__networking.k8s.io__v1'].map(
      (group) => `api/openapi-spec/v3/${group}_openapi.json`,
    ),
  },
  {
    module: `github.com/prometheus-operator/prometheus-operator@${partNamed('Prometheus Operator').version}`,
    sum: 'h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=',
    files: ['example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml'],
  },
];

/**
 * The schemas of Kubernetes objects (OpenAPI) and of the Prometheus Operator. They are fetched once, from their Go
 * modules, into the user's cache.
 *
 * @returns the folder that has them; undefined if they are not available
 */
export function kubernetesSchemas() {
  const folder = join(
    cacheFolder,
    `schemas-${sources.map(({ module }) => module.replace(/.*\//, '')).join('-')}`,
  );
  if (existsSync(folder)) return folder;
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0) return undefined;
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  try {
    for (const { module, sum, files } of sources) {
      const { Dir, Sum, Error: reason } = download(module, unfinished);
      if (reason) {
        console.log(`${module} cannot be fetched: ${reason}`);
        return undefined;
      }
      if (Sum !== sum) throw new Error(`${module} is not what it was: its sum is ${Sum}.`);
      for (const file of files) cpSync(join(Dir, file), join(unfinished, file.replace(/.*\//, '')));
    }
    renameSync(unfinished, folder);
  } catch (error) {
    // Somebody else was first.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}

function download(module, cwd) {
  const { stdout, stderr } = spawnSync('go', ['mod', 'download', '-json', module], { cwd, encoding: 'utf8' });
  return stdout.startsWith('{') ? JSON.parse(stdout) : { Error: stderr.trim() };
}
