import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { partNamed } from './catalogue.mjs';
import { cacheFolder } from './paths.mjs';
import { anyFreePort } from './ports.mjs';

/** What to do if there is no server that speaks SQS. */
export const elasticmqHint = 'install Java 17 and Maven, or set SQS_URL';

const { version } = partNamed('ElasticMQ');
const jars = join(cacheFolder, `elasticmq-${version}`);

/**
 * A server that speaks the protocol of SQS: at SQS_URL, or a throw-away ElasticMQ, with its data in memory. Its jars come from
 * Maven once and stay in the user's cache.
 *
 * @returns {Promise<{ url: string, stop: () => Promise<unknown> } | undefined>} undefined if there is neither
 */
export async function startElasticmq({ processes, folder }) {
  const { SQS_URL: url } = process.env;
  if (url) return { url, stop: async () => {} };
  if (!isThere('java', ['-version']) || !(existsSync(jars) || isThere('mvn', ['--version'])))
    return undefined;
  await fetchJars({ processes });
  const port = await anyFreePort();
  const id = randomBytes(4).toString('hex');
  // The library has no program of its own. Java compiles this one in memory.
  const program = join(folder, `elasticmq-${id}.java`);
  writeFileSync(program, source);
  const server = processes.start(
    'ElasticMQ',
    'java',
    [
      ...['-Xms32m', '-Xmx192m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'],
      ...['-cp', `${jars}/*${delimiter}`, program, String(port)],
    ],
    { logFile: join(folder, `elasticmq-${id}.log`) },
  );
  await server.fromLine((line) => /^ready$/.test(line) || undefined, 120_000);
  return { url: `http://127.0.0.1:${port}`, stop: () => server.stop() };
}

/** Under another name until it is whole: two processes may do this at once, or one may be interrupted. */
async function fetchJars({ processes }) {
  if (existsSync(jars)) return;
  const unfinished = `${jars}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  writeFileSync(join(unfinished, 'pom.xml'), pom);
  try {
    const args = [
      ...['-q', '-B', 'dependency:copy-dependencies', '-DincludeScope=runtime'],
      `-DoutputDirectory=${join(unfinished, 'jars')}`,
    ];
    await processes.start('Maven', 'mvn', args, { cwd: unfinished }).succeeded();
    renameSync(join(unfinished, 'jars'), jars);
  } catch (error) {
    // Another process was first.
    if (!existsSync(jars)) throw error;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

const source = `
import org.elasticmq.rest.sqs.SQSRestServerBuilder;

class Server {
  public static void main(String[] args) {
    SQSRestServerBuilder.withInterface("127.0.0.1").withPort(Integer.parseInt(args[0])).start().waitUntilStarted();
    System.out.println("ready");
  }
}
`;

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>throughline</groupId>
  <artifactId>elasticmq</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.elasticmq</groupId>
      <artifactId>elasticmq-rest-sqs_2.13</artifactId>
      <version>${version}</version>
    </dependency>
  </dependencies>
</project>
`;

function isThere(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
