import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { partNamed } from './catalogue.mjs';
import { cacheFolder } from './paths.mjs';

/** What to do where the native clients cannot be built. */
export const kafkaClientsHint =
  'on Debian, install build-essential python3 pkg-config zlib1g-dev libssl-dev libsasl2-dev libzstd-dev liblz4-dev libcurl4-openssl-dev';

const clients = Object.fromEntries(
  ['node-rdkafka', '@confluentinc/kafka-javascript'].map((name) => [name, partNamed(name).version]),
);

/**
 * node-rdkafka and @confluentinc/kafka-javascript, compiled once for this version of Node into the user's cache:
 * as dependencies of the workspace they would ask everybody who installs it for a compiler.
 *
 * @returns requires one of them; undefined if they cannot be built
 */
export async function nativeKafkaClients({ processes }) {
  const folder = join(
    cacheFolder,
    `kafka-clients-${Object.values(clients).join('-')}-abi${process.versions.modules}`,
  );
  if (!existsSync(folder)) {
    const unfinished = `${folder}.${process.pid}`;
    mkdirSync(unfinished, { recursive: true });
    writeFileSync(join(unfinished, 'package.json'), JSON.stringify({ private: true, dependencies: clients }));
    try {
      const options = { cwd: unfinished, env: { ...process.env, CKJS_LINKING: 'dynamic' } };
      const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
      await processes.start('npm', npm, ['install', '--no-audit', '--no-fund'], options).succeeded();
      renameSync(unfinished, folder);
    } catch {
      if (!existsSync(folder)) return undefined;
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return createRequire(join(folder, 'package.json'));
}
