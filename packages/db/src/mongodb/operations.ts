import type { DatabaseOperation } from '@throughline/core/plugin';
import type { QueryTextOptions } from '../client/query-text-options.js';
import { documentsOf, type MongodbCommand } from './internals.js';
import { commandText } from './query-text.js';

/** Commands whose first value is the name of a collection; of others it is a user, a number… */
const ofCollections = new Set(
  (
    'aggregate collMod collStats count create createIndexes delete distinct drop dropIndexes dropSearchIndex find ' +
    'findAndModify findandmodify insert killCursors listIndexes mapReduce update updateSearchIndex validate ' +
    'createSearchIndexes'
  ).split(' '),
);

/** The text is a getter: it is computed only if there is a span to record it on. */
export class MongodbOperation implements DatabaseOperation {
  readonly system = 'mongodb';
  readonly collection: string | undefined;

  constructor(
    readonly name: string,
    readonly namespace: string | undefined,
    readonly serverAddress: string | undefined,
    readonly serverPort: number | undefined,
    private readonly command: MongodbCommand,
    private readonly options: QueryTextOptions,
  ) {
    const target = name === 'getMore' ? command.collection : command[name];
    const isCollection = name === 'getMore' || ofCollections.has(name);
    this.collection = isCollection && typeof target === 'string' ? target : undefined;
  }

  get batchSize(): number | undefined {
    const { documents, updates, deletes, ops } = this.command;
    return documentsOf(documents ?? updates ?? deletes ?? ops)?.length;
  }

  get queryText(): string | undefined {
    return commandText(this.command, this.name, this.collection, this.options);
  }
}
