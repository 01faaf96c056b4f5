import { hasMariadb, mariadbHint, startMariadb } from '../../../../scripts/parts/mariadb.mjs';
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
