import { type ListenConfig, readBrokers, readListenConfig, readUrl } from '../http-service/environment.js';

export interface ProductConfig {
  readonly listen: ListenConfig;
  readonly postgresUrl: string;
  /** Undefined: products are not cached. */
  readonly redisUrl: string | undefined;
  /** Undefined: views are not published. */
  readonly kafkaBrokers: readonly string[] | undefined;
}

export function readProductConfig(environment: NodeJS.ProcessEnv): ProductConfig {
  return {
    listen: readListenConfig(environment, 3001),
    postgresUrl: readUrl(environment, 'POSTGRES_URL'),
    redisUrl: environment.REDIS_URL ? readUrl(environment, 'REDIS_URL') : undefined,
    kafkaBrokers: environment.KAFKA_BROKERS ? readBrokers(environment, 'KAFKA_BROKERS') : undefined,
  };
}
