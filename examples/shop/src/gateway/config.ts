import { type ListenConfig, readListenConfig, readUrl } from '../http-service/environment.js';

export interface GatewayConfig {
  readonly listen: ListenConfig;
  readonly productUrl: string;
}

export function readGatewayConfig(environment: NodeJS.ProcessEnv): GatewayConfig {
  return {
    listen: readListenConfig(environment, 3000),
    productUrl: readUrl(environment, 'PRODUCT_URL', 'http://localhost:3001'),
  };
}
