import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { partNamed } from './catalogue.mjs';
import { cacheFolder } from './paths.mjs';
import { anyFreePort } from './ports.mjs';

/** What to do if there is no broker. */
export const kafkaHint = 'install Java 17 and Maven, or set KAFKA_BROKERS';

const { version } = partNamed('Apache Kafka');

/**
 * A broker at KAFKA_BROKERS, or a throw-away Apache Kafka of one node in `folder`, which is broker and controller
 * in one (KRaft). Its jars come from Maven once and stay in the user's cache.
 *
 * @returns undefined if there is neither; `restart` stops a broker of our own and starts it again on the same
 *   port and data
 */
export async function startKafka({ processes, folder, settings = {} }) {
  const { KAFKA_BROKERS: brokers } = process.env;
  if (brokers) return { brokers: brokers.split(',').map((broker) => broker.trim()), stop: async () => {} };
  if (!isThere('java', ['-version']) || !(hasJars() || isThere('mvn', ['--version']))) return undefined;
  await fetchJars({ processes });

  const home = join(folder, `kafka-${randomBytes(4).toString('hex')}`);
  mkdirSync(home, { recursive: true });
  const [port, controllerPort] = [await anyFreePort(), await anyFreePort()];
  const propertiesFile = join(home, 'server.properties');
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(home, 'data'),
    'auto.create.topics.enable': true,
    'num.partitions': 2,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'num.network.threads': 2,
    'num.io.threads': 2,
    'log.cleaner.enable': false,
    ...settings,
  };
  writeFileSync(
    propertiesFile,
    Object.entries(properties)
      .map(([name, value]) => `${name}=${String(value).replaceAll('\\', '/')}\n`)
      .join(''),
  );
  const loggingFile = join(home, 'log4j2.properties');
  writeFileSync(loggingFile, logging);

  const java = (name, mainClass, args, options = {}) =>
    processes.start(
      name,
      'java',
      [
        ...['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'],
        ...[
          `-Dlog4j2.configurationFile=${loggingFile}`,
          '-cp',
          `${jars()}/*${delimiter}`,
          mainClass,
          ...args,
        ],
      ],
      options,
    );
  // One that begins with a dash would be taken for an option.
  const clusterId = randomBytes(16).fill(0, 0, 1).toString('base64url');
  await java('Kafka', 'kafka.tools.StorageTool', [
    'format',
    '-t',
    clusterId,
    '-c',
    propertiesFile,
  ]).succeeded();

  let server;
  const start = async () => {
    server = java('Kafka', 'kafka.Kafka', [propertiesFile], { logFile: join(folder, 'kafka.log') });
    await server.fromLine((line) => /Kafka Server started/.test(line) || undefined, 180_000);
  };
  await start();
  return {
    brokers: [`127.0.0.1:${port}`],
    stop: () => server.stop(),
    async restart() {
      await server.stop();
      await start();
    },
  };
}

const logging = `status = warn
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %p %m (%c)%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
logger.server.name = kafka.server
logger.server.level = info
`;

function jars() {
  return join(cacheFolder, `kafka-${version}`);
}

function hasJars() {
  return existsSync(jars());
}

/** Under another name until it is whole: two processes may do this at once, or one may be interrupted. */
async function fetchJars({ processes }) {
  if (hasJars()) return;
  const target = jars();
  const unfinished = `${target}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  writeFileSync(join(unfinished, 'pom.xml'), pom);
  try {
    const args = [
      '-q',
      '-B',
      'dependency:copy-dependencies',
      `-DoutputDirectory=${join(unfinished, 'jars')}`,
    ];
    await processes.start('Maven', 'mvn', args, { cwd: unfinished }).succeeded();
    renameSync(join(unfinished, 'jars'), target);
  } catch (error) {
    // Somebody else was first.
    if (!hasJars()) throw error;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>throughline</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${version}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-slf4j-impl</artifactId>
      <version>2.24.3</version>
    </dependency>
  </dependencies>
</project>
`;

function isThere(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
