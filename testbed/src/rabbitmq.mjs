import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { anyFreePort } from './ports.mjs';
import { identityInsteadOfRoot } from './user-identity.mjs';

/** What to do if there is no RabbitMQ. */
export const rabbitmqHint = 'install rabbitmq-server, start Docker, or set RABBITMQ_URL';

/** Debian's script itself before the one on its PATH, a wrapper that takes no settings as root. */
const commands = ['/usr/lib/rabbitmq/bin/rabbitmq-server', 'rabbitmq-server'];
const image = 'rabbitmq:4.2-alpine';

/**
 * RabbitMQ at RABBITMQ_URL, or a throw-away broker of one node in `folder`: from `rabbitmq-server`, or else in a
 * container.
 *
 * @returns {Promise<{ url: string, stop: () => Promise<unknown>, restart?: (how?: { crash?: boolean }) => Promise<void> } |
 *   undefined>} undefined if there is none of these; `restart` stops a broker of our own, or kills it, and starts it
 *   again on the same port and data
 */
export async function startRabbitmq({ processes, folder }) {
  const { RABBITMQ_URL: url } = process.env;
  if (url) return { url, stop: async () => {} };
  const command = commands.find((name) => (name.startsWith('/') ? existsSync(name) : isOnPath(name)));
  if (command) return startInstalled(command, { processes, folder });
  return hasDocker() ? startContainer({ processes }) : undefined;
}

async function startInstalled(command, { processes, folder }) {
  const id = randomBytes(4).toString('hex');
  const home = join(folder, `rabbitmq-${id}`);
  mkdirSync(home, { mode: 0o700 });
  const configFile = join(home, 'rabbitmq.conf');
  const pluginsFile = join(home, 'enabled_plugins');
  const cookieFile = join(home, '.erlang.cookie');
  const [port, nodePort, portMapperPort] = [await anyFreePort(), await anyFreePort(), await anyFreePort()];
  writeFileSync(
    configFile,
    [
      `listeners.tcp.1 = 127.0.0.1:${port}`,
      'log.console = true',
      'log.console.level = info',
      'log.file = false',
    ]
      .map((line) => `${line}\n`)
      .join(''),
  );
  writeFileSync(pluginsFile, '[].\n');
  // The secret that Erlang's nodes know each other by; it has to be for its owner only.
  writeFileSync(cookieFile, randomBytes(16).toString('hex'));
  chmodSync(cookieFile, 0o400);
  const identity = identityInsteadOfRoot('rabbitmq');
  if (identity) {
    for (const path of [home, configFile, pluginsFile, cookieFile])
      chownSync(path, identity.uid, identity.gid);
  }
  const env = { PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: home, ERL_EPMD_PORT: String(portMapperPort) };
  const options = { cwd: home, ...identity };
  // Erlang's port mapper; one that the broker starts by itself would stay behind it.
  const portMapper = processes.start('epmd', 'epmd', ['-address', '127.0.0.1'], { ...options, env });
  await listening(portMapperPort, portMapper);
  let broker;
  const start = async () => {
    broker = processes.start('RabbitMQ', command, [], {
      ...options,
      env: {
        ...env,
        // Without a shell around it that would keep signals from it.
        RUNNING_UNDER_SYSTEMD: 'true',
        RABBITMQ_DIST_PORT: String(nodePort),
        // For no other machine.
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
        RABBITMQ_NODENAME: `throughline-${id}@localhost`,
        // No setting of a broker that the machine may have.
        RABBITMQ_CONF_ENV_FILE: join(home, 'none.conf'),
        RABBITMQ_ADVANCED_CONFIG_FILE: join(home, 'none.config'),
        RABBITMQ_CONFIG_FILES: join(home, 'none'),
        RABBITMQ_CONFIG_FILE: configFile,
        RABBITMQ_ENABLED_PLUGINS_FILE: pluginsFile,
        RABBITMQ_MNESIA_BASE: join(home, 'mnesia'),
        RABBITMQ_LOG_BASE: join(home, 'log'),
        RABBITMQ_PID_FILE: join(home, 'pid'),
      },
      logFile: join(folder, `rabbitmq-${id}.log`),
    });
    await broker.fromLine((line) => /Server startup complete/.test(line) || undefined, 60_000);
  };
  await start();
  return {
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    async stop() {
      await broker.stop();
      await portMapper.stop();
    },
    async restart({ crash = false } = {}) {
      if (crash) broker.kill();
      else await broker.stop();
      await broker.ended;
      await start();
    },
  };
}

async function listening(port, server) {
  while (server.isRunning()) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(['epmd ended:', ...server.lines].join('\n'));
}

async function startContainer({ processes }) {
  const port = await anyFreePort();
  const name = `throughline-rabbitmq-${randomBytes(4).toString('hex')}`;
  const broker = processes.start('RabbitMQ', 'docker', [
    ...['run', '--rm', '--name', name, '--publish', `127.0.0.1:${port}:5672`, image],
  ]);
  // The image may have to be fetched.
  await broker.fromLine((line) => /Server startup complete/.test(line) || undefined, 180_000);
  return { url: `amqp://guest:guest@127.0.0.1:${port}`, stop: broker.stop };
}

function isOnPath(command) {
  return spawnSync('which', [command], { stdio: 'ignore' }).status === 0;
}

function hasDocker() {
  return spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 }).status === 0;
}
