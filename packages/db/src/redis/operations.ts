import type { DatabaseOperation, StartedDatabaseOperation } from '@throughline/core/plugin';
import type { DatabaseClientContext } from '../client/client-context.js';
import type { QueryTextOptions } from '../client/query-text-options.js';
import { type RedisCommand, redisCommand } from './command-table.js';
import { type BatchedCommand, batchText, commandText } from './query-text.js';
import type { PreparedCommand, RedisTarget } from './target.js';

/** What both Redis clients start their operations with. */
export interface RedisOperations {
  /** @param offset index of the first argument in `args` */
  startCommand(
    name: string,
    args: readonly unknown[],
    offset: number,
    target: RedisTarget,
  ): StartedDatabaseOperation;
  startBatch(
    name: 'PIPELINE' | 'MULTI',
    commands: readonly BatchedCommand[],
    target: RedisTarget,
  ): StartedDatabaseOperation;
}

export function createRedisOperations(context: DatabaseClientContext): RedisOperations {
  const { databases, queryText, maxQueryTextLength } = context;
  const options: QueryTextOptions = { queryText, maxQueryTextLength };
  const startOptions = { rootSpan: context.rootSpans };

  function preparedCommand(name: string, target: RedisTarget): PreparedCommand {
    const commands = target.commandsOf(databases);
    const known = commands.get(name);
    if (known !== undefined) return known;
    const { namespace, serverAddress, serverPort } = target;
    const command = redisCommand(name);
    const operation = databases.prepare({
      system: 'redis',
      name: command.name,
      namespace,
      serverAddress,
      serverPort,
    });
    const prepared = { command, operation };
    if (commands.size < maxCommandsPerTarget) commands.set(name, prepared);
    return prepared;
  }

  return {
    startCommand(name, args, offset, target) {
      const { command, operation } = preparedCommand(name, target);
      return operation.start(startOptions, new CommandText(command, args, offset, options));
    },
    startBatch: (name, commands, target) =>
      databases.start(new BatchOperation(name, commands, target, options), startOptions),
  };
}

/** Redis has some 400. */
const maxCommandsPerTarget = 500;

/** The text is a getter: it is computed only if there is a span to record it on. */
class CommandText implements Pick<DatabaseOperation, 'queryText'> {
  constructor(
    private readonly command: RedisCommand,
    private readonly args: readonly unknown[],
    private readonly offset: number,
    private readonly options: QueryTextOptions,
  ) {}

  get queryText(): string | undefined {
    return commandText(this.command, this.args, this.offset, this.options);
  }
}

class BatchOperation implements DatabaseOperation {
  readonly system = 'redis';
  readonly namespace: string | undefined;
  readonly serverAddress: string | undefined;
  readonly serverPort: number | undefined;

  constructor(
    readonly name: string,
    private readonly commands: readonly BatchedCommand[],
    target: RedisTarget,
    private readonly options: QueryTextOptions,
  ) {
    this.namespace = target.namespace;
    this.serverAddress = target.serverAddress;
    this.serverPort = target.serverPort;
  }

  get batchSize(): number {
    return this.commands.length;
  }

  get queryText(): string | undefined {
    return batchText(this.commands, this.options);
  }
}

/**
 * Commands that clients send by themselves, for example to find the nodes of a cluster. The clients do not mark them.
 */
export function isNavigation(name: string, firstArgument: unknown): boolean {
  switch (name.length) {
    case 6:
      return isNamed(name, 'ASKING');
    case 7:
      return isNamed(name, 'CLUSTER') && discoveries.test(String(firstArgument));
    case 8:
      return isNamed(name, 'SENTINEL');
    default:
      return false;
  }
}

const discoveries = /^(slots|shards|nodes)$/i;

function isNamed(text: unknown, name: string): boolean {
  return typeof text === 'string' && text.toUpperCase() === name;
}
