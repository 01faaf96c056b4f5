import { setImmediate as nextTurn } from 'node:timers/promises';

/** A database in a few lines, of which a plugin can get wrong what it can of a real one. */
export class AcmeClient {
  constructor(private readonly prefix = '') {}

  async get(key: string): Promise<string> {
    await nextTurn();
    if (key === 'none') throw new AcmeError('no such key');
    return this.prefix + key;
  }
}

class AcmeError extends Error {
  override name = 'AcmeError';
  readonly code = 'E404';
}
