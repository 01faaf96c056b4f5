import { type ListenConfig, readBrokers, readListenConfig, readUrl } from '../http-service/environment.js';

export interface ViewsConfig {
  readonly listen: ListenConfig;
  readonly postgresUrl: string;
  readonly kafkaBrokers: readonly string[];
}

export function readViewsConfig(environment: NodeJS.ProcessEnv): ViewsConfig {
  return {
    listen: readListenConfig(environment, 3002),
    postgresUrl: readUrl(environment, 'POSTGRES_URL'),
    kafkaBrokers: readBrokers(environment, 'KAFKA_BROKERS'),
  };
}
