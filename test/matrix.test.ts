import { rmSync } from 'node:fs';
import { kafkaHint, startKafka } from '@throughline/testbed/kafka';
import { nodeOf, secondNode } from '@throughline/testbed/nodes';
import { startPostgres } from '@throughline/testbed/postgres';
import { createProcesses } from '@throughline/testbed/processes';
import { rabbitmqHint, startRabbitmq } from '@throughline/testbed/rabbitmq';
import { redisHint, startRedis } from '@throughline/testbed/redis';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cells, impossible } from './matrix/cells.mjs';
import { installForMatrix } from './matrix/libraries.mjs';
import { startEcho, startIntake } from './matrix/parts.mjs';
import { cellName, runCell } from './matrix/run-cell.mjs';

/*
 * A part of the matrix that `npm run matrix` runs whole: Express 5, every way of loading; on this Node init everywhere,
 * on a second one where it is earliest and latest.
 */
const chosen = [
  ...cells({ nodes: [nodeOf('current')], onlyMajors: [5] }),
  ...cells({ nodes: [nodeOf(secondNode)], onlyMajors: [5], onlyInits: ['import flag', 'last'] }),
].filter((cell) => !impossible(cell));

const processes = createProcesses();
let folder: string;
let intake: Awaited<ReturnType<typeof startIntake>>;
let echo: Awaited<ReturnType<typeof startEcho>>;
let postgresUrl: string;
let redisUrl: string | undefined;
let brokers: string[] | undefined;
let rabbitmqUrl: string | undefined;

beforeAll(async () => {
  const temporary = temporaryFolder();
  intake = await startIntake();
  echo = await startEcho();
  postgresUrl = process.env.POSTGRES_URL ?? (await startPostgres({ processes, folder: temporary })).url;
  redisUrl = (await startRedis({ processes, folder: temporary }))?.url;
  if (!redisUrl) console.log(`Redis is off: ${redisHint}.`);
  brokers = (await startKafka({ processes, folder: temporary }))?.brokers;
  if (!brokers) console.log(`Kafka is off: ${kafkaHint}.`);
  rabbitmqUrl = (await startRabbitmq({ processes, folder: temporary }))?.url;
  if (!rabbitmqUrl) console.log(`RabbitMQ is off: ${rabbitmqHint}.`);
  folder = await installForMatrix(5);
}, 300_000);

afterAll(async () => {
  await Promise.all([intake.stop(), echo.stop(), processes.stopAll()]);
  rmSync(folder, { recursive: true, force: true });
});

if (process.env.CI) {
  test('no part is missing', () => {
    expect(redisUrl, redisHint).toBeDefined();
    expect(brokers, kafkaHint).toBeDefined();
    expect(rabbitmqUrl, rabbitmqHint).toBeDefined();
  });
}

test.each(chosen.map((cell) => [cellName(cell), cell] as const))('%s', async (_name, cell) => {
  const { kept, output } = await runCell(cell, folder, {
    intake,
    echoUrl: echo.url,
    postgresUrl,
    redisUrl,
    brokers,
    rabbitmqUrl,
  });
  const broken = Object.keys(kept).filter((promise) => !kept[promise]);
  expect(broken, output.slice(-2_000)).toEqual([]);
});
