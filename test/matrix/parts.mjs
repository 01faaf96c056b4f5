import { createServer } from 'node:http';
import { elasticmqHint, startElasticmq } from '@throughline/testbed/elasticmq';
import { kafkaHint, startKafka } from '@throughline/testbed/kafka';
import { natsHint, startNats } from '@throughline/testbed/nats';
import { onLoopback, startIntake } from '@throughline/testbed/otlp-intake';
import { startPostgres } from '@throughline/testbed/postgres';
import { rabbitmqHint, startRabbitmq } from '@throughline/testbed/rabbitmq';
import { redisHint, startRedis } from '@throughline/testbed/redis';

/**
 * Starts what the services of the cells talk to.
 *
 * @param at processes and folder, as the parts of the testbed take them
 * @returns `parts` for the cells; `missing`, of each part that is not there its name and what to do; `stop`, which leaves
 *   the processes to their owner
 */
export async function startParts(at) {
  const [intake, echo, postgres, redis, kafka, rabbitmq, nats, sqs] = await Promise.all([
    startIntake(),
    startEcho(),
    process.env.POSTGRES_URL ? { url: process.env.POSTGRES_URL } : startPostgres(at),
    startRedis(at),
    startKafka(at),
    startRabbitmq(at),
    startNats(at),
    startElasticmq(at),
  ]);
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
  const missing = [
    ['Redis', redis, redisHint],
    ['Kafka', kafka, kafkaHint],
    ['RabbitMQ', rabbitmq, rabbitmqHint],
    ['NATS', nats, natsHint],
    ['SQS', sqs, elasticmqHint],
  ].flatMap(([name, part, hint]) => (part ? [] : [`${name}: ${hint}`]));
  return { parts, missing, stop: () => Promise.all([intake.stop(), echo.stop()]) };
}

/** Answers every request with the traceparent that it carried. */
function startEcho() {
  const server = createServer((request, response) => {
    request.resume();
    response.end(request.headers.traceparent ?? '');
  });
  return onLoopback(server);
}
