// What pg does: promises, callbacks, errors, pools, prepared statements, transactions, cursors of events.
const { createRequire } = require('node:module');
const pg = createRequire(process.env.LIBRARY_OWNER)('pg');
const connectionString = process.env.POSTGRES_URL;
const shown = ({ command, rowCount, rows, fields }) =>
  JSON.stringify({ command, rowCount, rows, fields: fields?.map(({ name }) => name) });
(async () => {
  const client = new pg.Client({ connectionString });
  client.on('end', () => console.log('end'));
  client.on('notice', ({ message }) => console.log('notice', message));
  await client.connect();
  console.log(shown(await client.query('SELECT 1 AS one')));
  console.log(shown(await client.query('SELECT $1::int AS n, $2::text AS t', [7, 'x'])));
  console.log(
    shown(
      await client.query({
        name: 'prepared',
        text: 'SELECT $1::int + 1 AS n',
        values: [1],
        rowMode: 'array',
      }),
    ),
  );
  console.log((await client.query('SELECT 1; SELECT 2')).map(shown).join());
  for (const wrong of ['SELEKT 1', 'SELECT 1/0', 'SELECT * FROM nowhere', '']) {
    const answer = await client
      .query(wrong)
      .then(shown, ({ code, message, name, position }) => [code, message, name, position].join());
    console.log(wrong, answer);
  }
  await new Promise((resolve) =>
    client.query('SELECT 3 AS three', (error, result) => resolve(console.log(error, shown(result)))),
  );
  await new Promise((resolve) =>
    client.query('SELECT x', (error, result) => resolve(console.log(error.code, result))),
  );
  const query = client.query(new pg.Query('SELECT generate_series(1, 3) AS n'));
  const events = [];
  query.on('row', (row) => events.push(row.n)).on('error', (error) => events.push(error.message));
  await new Promise((resolve) => query.on('end', resolve));
  console.log(events.join());
  try {
    client.query();
  } catch (error) {
    console.log(error.message);
  }
  await client.query("DO $$ BEGIN RAISE NOTICE 'noticed'; END $$");
  await client.end();
  await client.query('SELECT 1').catch(({ message }) => console.log(message));
  const pool = new pg.Pool({ connectionString, max: 2 });
  for (const event of ['connect', 'acquire', 'remove']) pool.on(event, () => console.log('pool', event));
  console.log(shown(await pool.query('SELECT 4 AS four')));
  const held = await pool.connect();
  await held.query('BEGIN');
  await held.query('ROLLBACK');
  held.release();
  await new Promise((resolve) =>
    pool.connect((_error, one, release) =>
      one.query('SELECT 5', () => {
        release(true);
        resolve();
      }),
    ),
  );
  console.log(pool.totalCount, pool.idleCount, pool.waitingCount);
  await pool.end();
  await pool.query('SELECT 1').catch(({ message }) => console.log(message));
  const nobody = new pg.Client({ host: '127.0.0.1', port: 1 });
  await nobody.connect().catch(({ code, syscall }) => console.log(code, syscall));
})();
