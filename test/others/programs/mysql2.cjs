// What mysql2 does: queries, prepared statements, errors, pools, promises and callbacks, transactions.
const { createRequire } = require('node:module');
const from = createRequire(process.env.LIBRARY_OWNER);
const mysql = from('mysql2');
const promised = from('mysql2/promise');
(async () => {
  const uri = process.env.MYSQL_URL;
  const connection = await promised.createConnection(uri);
  const show = ([rows, fields]) =>
    console.log(JSON.stringify(rows), fields?.map?.(({ name }) => name).join());
  show(await connection.query('SELECT 1 AS one'));
  show(await connection.query('SELECT ? AS n, ? AS t', [7, "it's"]));
  show(await connection.execute('SELECT ? + 1 AS n', [1]));
  show(await connection.query({ sql: 'SELECT 1 AS a, 2 AS b', rowsAsArray: true }));
  for (const wrong of ['SELEKT 1', 'SELECT * FROM nowhere', '']) {
    await connection
      .query(wrong)
      .then(show, ({ code, errno, sqlState }) => console.log(wrong, code, errno, sqlState));
    await connection
      .execute(wrong)
      .then(show, ({ code, errno, sqlState }) => console.log(wrong, code, errno, sqlState));
  }
  await connection.beginTransaction();
  await connection.rollback();
  const statement = await connection.prepare('SELECT ? AS x');
  show(await statement.execute([3]));
  await statement.close();
  await connection.end();
  await connection.query('SELECT 1').catch(({ code, message }) => console.log(code, message));
  const old = mysql.createConnection(uri);
  await new Promise((resolve) =>
    old.query('SELECT 2 AS two', (error, rows) => resolve(console.log(error, JSON.stringify(rows)))),
  );
  await new Promise((resolve) =>
    old.query('SELECT x', (error, rows) => resolve(console.log(error.code, rows))),
  );
  const events = [];
  const query = old.query('SELECT 1 AS n UNION SELECT 2');
  query.on('result', (row) => events.push(row.n)).on('fields', () => events.push('fields'));
  await new Promise((resolve) => query.on('end', resolve));
  console.log(events.join());
  old.end();
  const pool = mysql.createPool({ uri, connectionLimit: 2 });
  await new Promise((resolve) =>
    pool.getConnection((_error, one) =>
      one.query('SELECT 3 AS three', (_failure, rows) => {
        one.release();
        resolve(console.log(JSON.stringify(rows)));
      }),
    ),
  );
  show(await pool.promise().execute('SELECT 4 AS four'));
  await pool.promise().end();
  await pool
    .promise()
    .query('SELECT 1')
    .catch(({ message }) => console.log(message));
})();
