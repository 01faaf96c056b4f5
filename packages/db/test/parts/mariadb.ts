import { hasMariadb, mariadbHint, startMariadb } from '@throughline/testbed/mariadb';
import type { Part } from './part.js';

export const mariadb: Part = {
  name: 'MariaDB',
  hint: mariadbHint,
  isThere: hasMariadb,
  async start(where) {
    const server = await startMariadb(where);
    if (!server) throw new Error(mariadbHint);
    return server;
  },
};
