/*
 * Reads the settings of a service from its environment. A wrong value stops the service at start, with an error that
 * names the variable.
 */

export interface ListenConfig {
  readonly port: number;
  /** Address to listen on; undefined means all addresses. */
  readonly host: string | undefined;
}

export function readListenConfig(environment: NodeJS.ProcessEnv, defaultPort: number): ListenConfig {
  const port = Number(environment.PORT ?? defaultPort);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`PORT must be a port number, got '${environment.PORT}'.`);
  }
  return { port, host: environment.HOST };
}

export function readUrl(environment: NodeJS.ProcessEnv, name: string, defaultUrl?: string): string {
  const text = environment[name] ?? defaultUrl;
  if (text === undefined || !URL.canParse(text)) {
    throw new Error(`${name} must be a URL${text === undefined ? '; it is not set' : `, got '${text}'`}.`);
  }
  return text;
}

/** `host:port`, separated by commas. */
export function readBrokers(environment: NodeJS.ProcessEnv, name: string): readonly string[] {
  const text = environment[name] ?? '';
  const brokers = text.split(',').map((broker) => broker.trim());
  if (!brokers.every((broker) => /^\S+:\d{1,5}$/.test(broker))) {
    throw new Error(
      `${name} must be a list of host:port${text === '' ? '; it is not set' : `, got '${text}'`}.`,
    );
  }
  return brokers;
}
