/*
 * Runs every cell of the matrix and writes docs/matrix.md.
 *
 *   npm run matrix                              all supported versions of Node
 *   npm run matrix -- --node current --no-table the Node that runs this, without writing the page
 *   npm run matrix -- --at-once 4               four cells at the same time; default: 2
 */
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { elasticmqHint, startElasticmq } from '@throughline/testbed/elasticmq';
import { kafkaHint, startKafka } from '@throughline/testbed/kafka';
import { natsHint, startNats } from '@throughline/testbed/nats';
import { nodeOf, supportedNodes } from '@throughline/testbed/nodes';
import { startPostgres } from '@throughline/testbed/postgres';
import { createProcesses } from '@throughline/testbed/processes';
import { rabbitmqHint, startRabbitmq } from '@throughline/testbed/rabbitmq';
import { startRedis } from '@throughline/testbed/redis';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { cells, expressMajors, impossible } from './cells.mjs';
import { installForMatrix } from './libraries.mjs';
import { startEcho, startIntake } from './parts.mjs';
import { runCell } from './run-cell.mjs';
import { matrixPage } from './table.mjs';

const { values } = parseArgs({
  options: {
    node: { type: 'string', multiple: true, default: supportedNodes },
    'no-table': { type: 'boolean', default: false },
    'at-once': { type: 'string', default: '2' },
  },
});

const processes = createProcesses();
const temporary = temporaryFolder();
const intake = await startIntake();
const echo = await startEcho();
const folders = {};
let failed = 0;
let passed = 0;
let skipped = 0;
try {
  const postgres = process.env.POSTGRES_URL
    ? { url: process.env.POSTGRES_URL }
    : await startPostgres({ processes, folder: temporary });
  const redis = await startRedis({ processes, folder: temporary });
  const kafka = await startKafka({ processes, folder: temporary });
  const rabbitmq = await startRabbitmq({ processes, folder: temporary });
  const nats = await startNats({ processes, folder: temporary });
  const sqs = await startElasticmq({ processes, folder: temporary });
  for (const major of expressMajors) folders[major] = await installForMatrix(major);
  const parts = {
    intake,
    echoUrl: echo.url,
    postgresUrl: postgres.url,
    redisUrl: redis?.url,
    brokers: kafka?.brokers,
    rabbitmqUrl: rabbitmq?.url,
    natsUrl: nats?.url,
    sqsUrl: sqs?.url,
  };
  const results = [];
  const waiting = [];
  for (const cell of cells({ nodes: values.node.map(nodeOf) })) {
    const reason = impossible(cell);
    if (reason) skipped++;
    else waiting.push(cell);
    results.push({ cell, reason });
  }
  const run = async (cell) => {
    const { kept, output } = await runCell(cell, folders[cell.express], parts);
    Object.assign(
      results.find((result) => result.cell === cell),
      { kept },
    );
    return { broken: Object.keys(kept).filter((promise) => !kept[promise]), output };
  };
  const again = [];
  // A cell mostly waits, for its group of Kafka.
  const inTurn = async () => {
    for (let cell = waiting.shift(); cell; cell = waiting.shift()) {
      if ((await run(cell)).broken.length > 0) again.push(cell);
      else passed++;
    }
  };
  await Promise.all(Array.from({ length: Number(values['at-once']) }, inTurn));
  // On a busy machine a cell may not end in time. So what failed is run once more, alone.
  for (const cell of again) {
    const { broken, output } = await run(cell);
    const name = `Node ${cell.node}, ${cell.system}, init ${cell.init}, Express ${cell.express}`;
    if (broken.length === 0) {
      passed++;
      console.log(`${name}: passed only alone`);
    } else {
      failed++;
      console.log(`${name}: ${broken.join(', ')} missing\n${output.slice(-1_500)}\n`);
    }
  }
  if (!redis) console.log('Redis is off: install redis-server or set REDIS_URL for the ioredis cells.');
  if (!kafka) console.log(`Kafka is off, kafkajs is not in the cells: ${kafkaHint}.`);
  if (!rabbitmq) console.log(`RabbitMQ is off, amqplib is not in the cells: ${rabbitmqHint}.`);
  if (!nats) console.log(`NATS is off, it is not in the cells: ${natsHint}.`);
  if (!sqs) console.log(`SQS is off, it is not in the cells: ${elasticmqHint}.`);
  // A page that claims what was not run would be worse than an old one.
  if (!values['no-table'] && failed === 0 && redis && kafka && rabbitmq && nats && sqs) {
    writeFileSync(fileURLToPath(new URL('../../docs/matrix.md', import.meta.url)), matrixPage(results));
  }
} finally {
  intake.stop();
  echo.stop();
  await processes.stopAll();
  rmSync(temporary, { recursive: true, force: true });
  for (const folder of Object.values(folders)) rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 ? 1 : 0;
