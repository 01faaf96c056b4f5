import type { DatabaseOperations, PreparedDatabaseOperation } from '@throughline/core/plugin';
import type { RedisCommand } from './command-table.js';

/** A command at one server. */
export interface PreparedCommand {
  readonly command: RedisCommand;
  readonly operation: PreparedDatabaseOperation;
}

/** A database at a server as the service names it, and what is ready for its commands. */
export class RedisTarget {
  private commands = new Map<string, PreparedCommand>();
  private preparedBy: DatabaseOperations | undefined;

  constructor(
    readonly namespace: string | undefined,
    readonly serverAddress: string | undefined,
    readonly serverPort: number | undefined,
  ) {}

  is(namespace: string | undefined, serverAddress: string | undefined, serverPort: number | undefined) {
    return (
      this.namespace === namespace && this.serverAddress === serverAddress && this.serverPort === serverPort
    );
  }

  /** By the names of commands. Clients live longer than an instance of Throughline: what an earlier one prepared is gone. */
  commandsOf(databases: DatabaseOperations): Map<string, PreparedCommand> {
    if (this.preparedBy !== databases) {
      this.preparedBy = databases;
      this.commands = new Map();
    }
    return this.commands;
  }
}

/** The target of the last command of each client. */
const targets = new WeakMap<object, RedisTarget>();

/** Clients of one database have one target. */
const shared: RedisTarget[] = [];
const maxShared = 100;

export function targetFor(
  client: object,
  namespace: string,
  serverAddress: string | undefined,
  serverPort: number | undefined,
): RedisTarget {
  const last = targets.get(client);
  if (last?.is(namespace, serverAddress, serverPort)) return last;
  let target = shared.find((each) => each.is(namespace, serverAddress, serverPort));
  if (target === undefined) {
    target = new RedisTarget(namespace, serverAddress, serverPort);
    if (shared.length < maxShared) shared.push(target);
  }
  targets.set(client, target);
  return target;
}
