import { describe, expect, test } from 'vitest';
import { createLineValues } from '../logs/line-values.js';
import { createTextRedaction } from './secret-text.js';

const values = createLineValues({ redact: [], maxFieldLength: 16_384 });
const pem = (kind: string) =>
  `-----BEGIN ${kind}-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQ==\n-----END ${kind}-----`;
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl';
const R = 'REDACTED';

describe('texts: what goes, and what stays as it was', () => {
  test.each([
    // Tokens of a known form, wherever they stand.
    [`sent ${jwt} on`, `sent ${R} on`],
    [`jwt=${jwt}`, `jwt=${R}`],
    [`eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9`, R],
    ['Bearer 8f14e45fceea167a', `Bearer ${R}`],
    ['curl -H "Authorization: Bearer abcdefgh" x', `curl -H "Authorization: ${R}" x`],
    ['used BEARER A.B-C_d~e+f/g== here', `used BEARER ${R} here`],
    ['Basic dXNlcjpwYXNzd29yZA==', `Basic ${R}`],
    ['authorization: Basic dXNlcjpwYXNz', `authorization: ${R}`],
    ['Proxy-Authorization=Digest username="x"', `Proxy-Authorization=${R}`],
    ['Authorization: Digest username="u", response="a1"\nnext', `Authorization: ${R}\nnext`],
    [`ghp_${'a1'.repeat(18)}`, R],
    [`github_pat_${'A1'.repeat(20)}`, R],
    ['xoxb-123456789012-abcdefghij', R],
    ['sk_live_4eC39HqLyjWDarjtT1zdp7dc', R],
    ['id AKIAIOSFODNN7EXAMPLE used', `id ${R} used`],
    [`AIza${'x'.repeat(35)}`, R],
    ['glpat-abcdefghij0123456789', R],
    [`npm_${'a'.repeat(36)}`, R],
    // Keys.
    [`key:\n${pem('PRIVATE KEY')} end`, `key:\n${R} end`],
    [pem('RSA PRIVATE KEY'), R],
    [pem('EC PRIVATE KEY'), R],
    [pem('OPENSSH PRIVATE KEY'), R],
    [pem('PGP PRIVATE KEY BLOCK'), R],
    ['-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN', R],
    [`${pem('PRIVATE KEY')} and ${pem('RSA PRIVATE KEY')}`, `${R} and ${R}`],
    // URLs.
    ['postgres://shop:hunter2@db:5432/shop', `postgres://${R}:${R}@db:5432/shop`],
    ['redis://:p@ss@cache:6379', `redis://${R}:${R}@cache:6379`],
    ['mongodb+srv://u:p@h/d?retryWrites=true', `mongodb+srv://${R}:${R}@h/d?retryWrites=true`],
    ['at https://u@h/x and http://a:b@c', `at https://${R}:${R}@h/x and http://${R}:${R}@c`],
    ['https://s3/x?X-Amz-Signature=ab12&X-Amz-Date=1', `https://s3/x?X-Amz-Signature=${R}&X-Amz-Date=1`],
    ['https://b/x?sv=1&sig=a%2Bb&se=2', `https://b/x?sv=1&sig=${R}&se=2`],
    ['https://g/x?X-Goog-Signature=ff&a=b', `https://g/x?X-Goog-Signature=${R}&a=b`],
    ['/callback?code=abc123&state=x', `/callback?code=${R}&state=x`],
    ['https://app/#access_token=abc&expires_in=9', `https://app/#access_token=${R}&expires_in=9`],
    ['GET /reset?token=abc HTTP/1.1', `GET /reset?token=${R} HTTP/1.1`],
    ['/x?page=1&api_key=abc#top', `/x?page=1&api_key=${R}#top`],
    ['grant_type=x&client_secret=abc&code=def', `grant_type=x&client_secret=${R}&code=${R}`],
    // Names and values.
    ['password=hunter2', `password=${R}`],
    ['PGPASSWORD=hunter2 psql', `PGPASSWORD=${R} psql`],
    ['passwd: hunter', `passwd: ${R}`],
    ['login failed, password: "a b c", user: x', `login failed, password: "${R}", user: x`],
    ['{"password":"a\\"b","user":"x"}', `{"password":"${R}","user":"x"}`],
    ['{\\"token\\":\\"abc\\",\\"user\\":\\"x\\"}', `{\\"token\\":\\"${R}\\",\\"user\\":\\"x\\"}`],
    ["{ apiKey: 'abc', a: 1 }", `{ apiKey: '${R}', a: 1 }`],
    ['AWS_SECRET_ACCESS_KEY=abc/def+1', `AWS_SECRET_ACCESS_KEY=${R}`],
    ['x-api-key: 8f14e45fceea', `x-api-key: ${R}`],
    ['Cookie: sid=abc; theme=dark', `Cookie: ${R}`],
    ['set-cookie: sid=abc; Path=/', `set-cookie: ${R}`],
    ['client_secret = "abc"', `client_secret = "${R}"`],
    ['token: 8f14e45fceea', `token: ${R}`],
    ['{"password":"cut off he', `{"password":"${R}`],
    [
      'DefaultEndpointsProtocol=https;AccountKey=abc/d+e==;Name=x',
      `DefaultEndpointsProtocol=https;AccountKey=${R};Name=x`,
    ],
    ['SharedAccessSignature=sv%3D1', `SharedAccessSignature=${R}`],
    // Addresses without a scheme, and passwords that are not encoded.
    ['connect to u:hunter2x@db.example.com:5432 failed', `connect to u:${R}@db.example.com:5432 failed`],
    ['shop:hunter2x@tcp(db:3306)/orders', `shop:${R}@tcp(db:3306)/orders`],
    ['postgres://u:p/a?b#c@db/x', `postgres://${R}:${R}@db/x`],
    ['jdbc:oracle:thin:scott/tiger@db:1521/x', `jdbc:oracle:thin:${R}@db:1521/x`],
    ['/x?next=https%3A%2F%2Fh%2F%3Ftoken%3Dabc', `/x?next=https%3A%2F%2Fh%2F%3Ftoken%3D${R}`],
    ['SAMLResponse=PHNhbWw', `SAMLResponse=${R}`],
    // The names that are secrets as fields are secrets in texts too.
    ["auth: 'a1b2'", `auth: '${R}'`],
    ['{"auth":"a1b2"}', `{"auth":"${R}"}`],
    ['DB_PASS=hunter2', `DB_PASS=${R}`],
    ['REDISCLI_AUTH=hunter2', `REDISCLI_AUTH=${R}`],
    ['connect.sid=s%3Aab', `connect.sid=${R}`],
    ['JSESSIONID=1A2B', `JSESSIONID=${R}`],
    ['mfa_code=123456', `mfa_code=${R}`],
    ['secret_answer: 7up', `secret_answer: ${R}`],
    // One name in the value of another that is no secret.
    ['0pW= password=hunter2', `0pW= password=${R}`],
    ['page_token=token=hunter2', `page_token=token=${R}`],
    // Lists, objects, and JSON in JSON in JSON.
    ['{"secretKey":["a","b"],"c":1}', `{"secretKey":"${R}","c":1}`],
    ['{"password":{"value":"a"},"c":1}', `{"password":"${R}","c":1}`],
    [
      JSON.stringify(JSON.stringify(JSON.stringify({ password: 'a"b', c: 1 }))),
      JSON.stringify(JSON.stringify(JSON.stringify({ password: R, c: 1 }))),
    ],
    ["[ 'Authorization', 'ApiKey 8f14' ]", `[ 'Authorization', '${R}' ]`],
    ['["x-api-key","8f14e"]', `["x-api-key","${R}"]`],
    // Cookies as a list, pairs of name and value, blocks of YAML, quotes of HTML.
    ['"set-cookie":["sid=a1; Path=/","b=c2"],"x":1', `"set-cookie":"${R}","x":1`],
    ["{ 'set-cookie': [ 'sid=a1; Path=/' ] }", `{ 'set-cookie': '${R}' }`],
    ['[{"name":"DB_PASSWORD","value":"a1"}]', `[{"name":"DB_PASSWORD","value":"${R}"}]`],
    ['{\\"name\\":\\"token\\",\\"value\\":\\"a1\\"}', `{\\"name\\":\\"token\\",\\"value\\":\\"${R}\\"}`],
    ["{ name: 'password', value: 'a1' }", `{ name: 'password', value: '${R}' }`],
    ['- name: API_KEY\n  value: a1\n- x', `- name: API_KEY\n  value: ${R}\n- x`],
    ['password: |\n  a1\n  b2\nuser: x', `password: ${R}user: x`],
    ['{&quot;password&quot;:&quot;a 1&quot;,', `{&quot;password&quot;:${R}&quot;,`],
    ['app.jwt = a1b2', `app.jwt = ${R}`],
    ['license_key: a1b2', `license_key: ${R}`],
    ['_csrf=a1b2', `_csrf=${R}`],
    [
      '?filter=%7B%22token%22%3A%22a1%22%2C%22n%22%3A1%7D',
      `?filter=%7B%22token%22%3A%22${R}%22%2C%22n%22%3A1%7D`,
    ],
    // Addresses in other places.
    ['redirect_uri=https%3A%2F%2Fu%3Aa1%40h%2F', `redirect_uri=https%3A%2F%2F${R}%40h%2F`],
    ['getaddrinfo ENOTFOUND shop:a1@db', `getaddrinfo ENOTFOUND ${R}@db`],
    ['https://api.telegram.org/bot123456789:AAHdqTcvCH1vGWJx/send', `https://api.telegram.org/bot${R}`],
    // Other languages.
    ['비밀번호: a1b2', `비밀번호: ${R}`],
    ['パスワード=a1b2', `パスワード=${R}`],
    ['密码: a1b2', `密码: ${R}`],
    ['Пароль: a1b2', `Пароль: ${R}`],
    ['contraseña: a1b2', `contraseña: ${R}`],
    ['mot de passe: a1b2', `mot de passe: ${R}`],
    ['senha=a1b2', `senha=${R}`],
    // Command lines.
    ['sshpass -p a1b2 ssh host', `sshpass -p ${R} ssh host`],
    ['ACL SETUSER shop on >a1b2 ~*', `ACL SETUSER shop on >${R} ~*`],
    ['MIGRATE h 6379 "" 0 1 AUTH2 shop a1b2c3', `MIGRATE h 6379 "" 0 1 AUTH2 shop ${R}`],
    ['curl -u shop:hunter2 https://x', `curl -u shop:${R} https://x`],
    ['mysql -u root -phunter2 shop', `mysql -u root -p${R} shop`],
    ['-password hunter2', `-password ${R}`],
    ['ERR AUTH default hunter2', `ERR AUTH default ${R}`],
    // Sentences, if the word is none.
    ['password is hunter22', `password is ${R}`],
    ['token 8f14e45fceea167a is invalid', `token ${R} is invalid`],
    ['password is: hunter22', `password is: ${R}`],
    ['password (hunter22)', `password (${R})`],
    ['password => hunter22', `password => ${R}`],
    ['webhook_secret hunter22', `webhook_secret ${R}`],
    ['apikey hunter22', `apikey ${R}`],
    ['Incorrect API key provided: ab12cd34', `Incorrect API key provided: ${R}`],
    // Tokens of a known form.
    ['sk-proj-abcdefghij0123456789', R],
    ['https://hooks.slack.com/services/T0/B0/XXXX', `https://hooks.slack.com/services/${R}`],
    ['hvs.CAESIJabcdefghij0123', R],
    ['sq0atp-abcdefghijklmnop', R],
    [`key-${'3a'.repeat(16)}`, R],
    ['shpat_0123456789abcdef0123456789abcdef', R],
    // Statements.
    [
      "INSERT INTO u (email, password) VALUES ('a', 'b')",
      `INSERT INTO u (email, password) VALUES ('${R}', '${R}')`,
    ],
    ["UPDATE u SET token=E'a\\'b', x=1", `UPDATE u SET token=E'${R}', x=1`],
    ["password::text <> 'a'", `password::text <> '${R}'`],
    ["`password`='a'", `\`password\`='${R}'`],
    ["password LIKE 'a%'", `password LIKE '${R}'`],
    ["password IN ('a', 'b')", `password IN ('${R}', '${R}')`],
    ["SET PASSWORD FOR u = 'a'", `SET PASSWORD FOR u = '${R}'`],
    ["crypt('a', gen_salt('bf'))", `crypt('${R}', gen_salt('bf'))`],
    [
      'Failed query: insert into "u" values ($1)\nparams: a,b',
      `Failed query: insert into "u" values ($1)\nparams: ${R}`,
    ],
    [
      "Conversion failed when converting the varchar value 'it's' to data type int.",
      `Conversion failed when converting the varchar value '${R}' to data type int.`,
    ],
    ['The duplicate key value is (a@b.c).', `The duplicate key value is (${R}).`],
    [
      "ERR unknown command 'x', with args beginning with: 'a' 'b'",
      `ERR unknown command 'x', with args beginning with: ${R}`,
    ],
    ['<password>hunter2</password>', `<password>${R}</password>`],
    ['<wsse:Password Type="t">hunter2</wsse:Password>', `<wsse:Password Type="t">${R}</wsse:Password>`],
    ['<apiKey><![CDATA[a]]></apiKey>', `<apiKey>${R}</apiKey>`],
    ['<add key="Password" value="a b"/>', `<add key="Password" value="${R}"/>`],
    ["'password' => 'a b', 'user' => 'x'", `'password' => '${R}', 'user' => 'x'`],
    [':password=>"abc"', `:password=>"${R}"`],
    ["ALTER USER shop WITH PASSWORD 'a''b' x", `ALTER USER shop WITH PASSWORD '${R}' x`],
    ["CREATE USER a IDENTIFIED BY 'abc'", `CREATE USER a IDENTIFIED BY '${R}'`],
    ["SET PASSWORD = PASSWORD('abc')", `SET PASSWORD = ${R}('${R}')`],
    ['pin=1234', `pin=${R}`],
    ['otp: 123456', `otp: ${R}`],
    ['{"cvv":"123"}', `{"cvv":"${R}"}`],
    ['mysql --password hunter2 -h x', `mysql --password ${R} -h x`],
    // Parameters in brackets and behind semicolons.
    ['/x?user[password]=a&b=c', `/x?user[password]=${R}&b=c`],
    ['/x?token[]=a&token[]=b', `/x?token[]=${R}&token[]=${R}`],
    ['/x?login[pin][0]=1', `/x?login[pin][0]=${R}`],
    ['/x?user%5Bpassword%5D=a', `/x?user%5Bpassword%5D=${R}`],
    ['/x?a=1;token=abc;b=2', `/x?a=1;token=${R};b=2`],
    ['/x?token=a;b&c=d', `/x?token=${R}&c=d`],
    ['user[password]=hunter2', `user[password]=${R}`],
    // Values that databases repeat in their messages.
    ['invalid input syntax for type integer: "abc"', `invalid input syntax for type integer: "${R}"`],
    [
      'invalid input syntax for type uuid: "a"b"\n    at x',
      `invalid input syntax for type uuid: "${R}"\n    at x`,
    ],
    ['invalid input value for enum mood: "abc"', `invalid input value for enum mood: "${R}"`],
    ['value "99" is out of range for type integer', `value "${R}" is out of range for type integer`],
    ['Key (email)=(a@b (x)) already exists.', `Key (email)=(${R}) already exists.`],
    ['Failing row contains (1, abc, null).', `Failing row contains (${R})`],
    ["portal with parameters: $1 = 'it''s', $2 = 'b'", `portal with parameters: $1 = '${R}', $2 = '${R}'`],
    ["Duplicate entry 'a@b' for key 'u.email'", `Duplicate entry '${R}' for key 'u.email'`],
    ["Incorrect integer value: 'abc' for column 'id'", `Incorrect integer value: '${R}' for column 'id'`],
    ['index: email_1 dup key: { email: "a@b" }', `index: email_1 dup key: { ${R} }`],
  ])('%j', (given, expected) => {
    expect(values.text(given)).toBe(expected);
    expect(values.text(expected)).toBe(expected);
  });

  test.each([
    'order 4711 placed in 12 ms',
    'Invalid token: expected a number',
    'Unexpected token } in JSON at position 4',
    'bearer of bad news',
    'basic authentication is off',
    'the password was changed',
    'authorization failed',
    'max_tokens: 512, tokens=17',
    'GET /orders?page_token=abc',
    'boarding_pass=B12 and gpio_pin: 4',
    'user:alice@example.com:profile',
    'nginx:1.25@sha256:abc and npm:react@18.2.0',
    'at x (/app/node_modules/.pnpm/pg@8.16.0/node_modules/pg/lib/client.js:535:17)',
    'http://localhost:3000/@vite/client',
    'mongodb://a:27017,b:27017/shop',
    "columns: ['email', 'password', 'name']",
    'the author signed inside: 5 sides, 2 signals',
    'secret shop-db-v2 not found',
    'token => token.id',
    'tests pass: 12, fail: 0',
    'SELECT name FROM sessions WHERE sid = $1',
    'https://example.com/a?page=2&sort=name#part',
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
    'eyJ is how they start',
    'secretary: Ann',
    'a=b&c=d',
    'mail to ann@example.com: done',
    'tests pass: 12, fail: 3',
    'map(token => token.id)',
    '<b>bold</b> and a;b=c',
    'spinning: 3, opinion=good',
    'invalid input at line 4, out of range',
    'the table already exists',
    'getaddrinfo ENOTFOUND db.example.com',
    'name: value, key: 5',
    '[{"name":"color","value":"red1234"}]',
    'https://shop.example/bottles/123456',
    '비밀번호가 변경되었습니다',
    '{"name":"password","value":null}',
    '암호화된 연결',
    'пароль изменён',
    'csrf check is on',
    'the key-value store, key-1',
    'redirect=https%3A%2F%2Fh%2Fa',
  ])('%j stays', (text) => expect(values.text(text)).toBe(text));

  test('takes time in proportion to the text, whatever the text is', () => {
    // With a step that looks back at every start this takes minutes, and the test its time limit.
    const redact = createTextRedaction([]);
    for (const piece of hostile) redact(piece.repeat(Math.ceil(500_000 / piece.length)));
  });
});

const hostile = [
  'eyJ',
  'eyJ-',
  '://',
  '-----BEGIN ',
  '-----BEGIN PRIVATE KEY-----',
  'bearer ',
  'basic  ',
  'token=',
  'token:"',
  '?a',
  '&a=',
  'a',
  'cookie=\\"',
  '%41',
  'password":"\\',
  'secret ',
  "cookie='",
  '?a[',
  ';token=a',
  '<password',
  '<a>',
  '<![CDATA[',
  "password '",
  'identified by ',
  'invalid input syntax for type a: "',
  'invalid input syntax for ',
  "Duplicate entry '",
  'Key (a)=(',
  'dup key: {',
  'Failing row contains (',
  "$1 = '",
  '--token ',
  '--',
  'pin=',
  'key="a" value="',
  'a:bcd@',
  'u:x://',
  'insert into x (a) values (',
  "password in ('a',",
  'Failed query: ',
  'mysql -p',
  'curl -u a:b ',
  "'token', ",
  'AUTH a b ',
  '"name":"password","value":"',
  'name: password value',
  'password: |\n ',
  'password:|\n  a\n',
  'token&quot;:&quot;',
  '%3A%2F%2F',
  'getaddrinfo A ',
  'SETUSER a b c ',
  'authorization: Digest a="',
  'digest \\',
  "set-cookie: ['",
  'пароль ',
  '?a=%7B%22token%22%3A%22',
  'crypt(',
  'token=["',
  'token: {a',
  'token=\\\\"',
  'secret $$',
  "converting the varchar value '",
  'duplicate key value is (',
  '?a=%2540%253D',
];

describe('errors of database clients: the values of the statement go, wherever the client keeps them', () => {
  const shown = (members: object) => {
    values.begin();
    return values.field('failure', Object.assign(new Error('x'), members)) as Record<string, unknown>;
  };

  test.each([
    ['parameters', ['a@b.c', 'hunter2']],
    ['bindings', ['hunter2']],
    ['params', { p1: 'hunter2' }],
    ['keyValue', { email: 'hunter2' }],
    ['command', { name: 'auth', args: ['default', 'hunter2'] }],
    ['sql', "INSERT INTO users VALUES ('a', 'hunter2')"],
    ['query', "SELECT * FROM users WHERE email = 'hunter2'"],
  ])('%s', (name, value) => {
    const text = JSON.stringify(shown({ [name]: value }));
    expect(text).not.toContain('hunter2');
    expect(text).toContain(R);
  });

  test('what no secret can be in stays: the name of the command, counts', () => {
    expect(shown({ command: { name: 'get' }, args: 2, query: 'SELECT 1' })).toMatchObject({
      command: { name: 'get' },
      args: 2,
      query: 'SELECT 1',
    });
  });

  test('the same names outside of an error are the service`s own', () => {
    values.begin();
    expect(values.field('request', { params: { id: '7' }, query: "a='b'" })).toEqual({
      params: { id: '7' },
      query: "a='b'",
    });
  });
});

describe('fields', () => {
  const field = (value: unknown) => values.field('field', value);
  test.each([
    'password',
    'Passwd',
    'dbPassword',
    'user_password',
    'passphrase',
    'pwd',
    'secret',
    'clientSecret',
    'token',
    'accessToken',
    'refresh_token',
    'githubToken',
    'apiKey',
    'X-Api-Key',
    'api_key',
    'privateKey',
    'secretAccessKey',
    'authorization',
    'Proxy-Authorization',
    'cookie',
    'Set-Cookie',
    'cookies',
    'credentials',
    'sessionId',
    'connect.sid',
    'jwt',
    'otp',
    'cvv',
    'cardNumber',
    'ssn',
    'X-Amz-Signature',
    'connectionString',
    'passwordHash',
  ])('%s is taken out at any depth, whatever its type', (name) => {
    expect(values.field(name, 'x')).toBe(R);
    expect(field({ a: [{ [name]: 'x' }] })).toEqual({ a: [{ [name]: R }] });
    expect(field({ [name]: 12 })).toEqual({ [name]: R });
  });

  test.each([
    'tokens',
    'maxTokens',
    'nextPageToken',
    'key',
    'code',
    'author',
    'passed',
    'cookieBanner',
    'secretary',
    'status',
  ])('%s stays', (name) => expect(field({ [name]: 'x' })).toEqual({ [name]: 'x' }));

  test('flags and emptiness tell no secret', () => {
    expect(field({ password: '', token: null, secret: true })).toEqual({
      password: '',
      token: null,
      secret: true,
    });
  });

  test('an auth object keeps its user', () => {
    expect(field({ auth: { user: 'ann', password: 'x' } })).toEqual({ auth: { user: 'ann', password: R } });
    expect(field({ auth: 'x' })).toEqual({ auth: R });
  });

  test('headers in every form', () => {
    expect(field({ headers: { authorization: 'x', accept: '*/*' } })).toEqual({
      headers: { authorization: R, accept: '*/*' },
    });
    expect(field({ rawHeaders: ['Host', 'h', 'Cookie', 'a=b'] })).toEqual({
      rawHeaders: ['Host', 'h', 'Cookie', R],
    });
    expect(
      field([
        ['authorization', 'x'],
        ['accept', 'y'],
      ]),
    ).toEqual([
      ['authorization', R],
      ['accept', 'y'],
    ]);
    expect(field([{ name: 'Cookie', value: 'a=b' }])).toEqual([{ name: 'Cookie', value: R }]);
    expect(
      field(
        new Map([
          ['authorization', 'x'],
          ['accept', 'y'],
        ]),
      ),
    ).toEqual({ authorization: R, accept: 'y' });
    expect(field({ url: new URL('https://u:p@h/?token=x') })).toEqual({
      url: `https://${R}:${R}@h/?token=${R}`,
    });
  });

  test('errors as fields, with what they carry', () => {
    const error = Object.assign(new Error('for postgres://u:p@h'), {
      config: { password: 'x' },
      cause: new Error('Bearer 8f14e45fceea'),
    });
    const plain = field({ failures: [error] }) as { failures: Record<string, unknown>[] };
    expect(JSON.stringify(plain)).not.toMatch(/u:p@|8f14e45fceea|"x"/);
    expect(plain.failures[0]).toMatchObject({ type: 'Error', cause: { type: 'Error' } });
  });

  test('paths, names and patterns of the user', () => {
    const own = createLineValues({
      redact: ['user.email', 'items[*].card', 'iban', '*.inner', /\b\d{3}-\d{2}-\d{4}\b/],
      maxFieldLength: 1_000,
    });
    expect(own.field('user', { email: 'a@b', name: 'Ann' })).toEqual({ email: R, name: 'Ann' });
    expect(own.field('other', { user: { email: 'a@b' } })).toEqual({ user: { email: 'a@b' } });
    expect(own.field('items', [{ card: 1, n: 2 }, { card: 3 }])).toEqual([{ card: R, n: 2 }, { card: R }]);
    expect(own.field('a', { deep: { IBAN: 'DE1' }, inner: { x: 1 } })).toEqual({
      deep: { IBAN: R },
      inner: R,
    });
    expect(own.text('no 123-45-6789 and 987-65-4321')).toBe(`no ${R} and ${R}`);
    expect(own.text('password=x')).toBe(`password=${R}`);
  });

  test('false takes nothing out', () => {
    const none = createLineValues({ redact: false, maxFieldLength: 1_000 });
    expect(none.field('password', 'x')).toBe('x');
    expect(none.text('password=x')).toBe('password=x');
  });
});

describe('big and odd values', () => {
  test('long texts are cut, not through a character, and a secret at the cut does not show', () => {
    const short = createLineValues({ redact: [], maxFieldLength: 256 });
    expect(short.text('x'.repeat(300))).toBe(`${'x'.repeat(256)}…[44 more characters]`);
    expect(short.text(`${'x'.repeat(255)}😀y`)).toBe(`${'x'.repeat(255)}…[3 more characters]`);
    short.begin();
    expect(short.text(`${'x '.repeat(110)}password=${'z'.repeat(100)}`)).not.toContain('z');
  });

  test('a line as a whole stays below what Loki takes', () => {
    values.begin();
    const huge = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, 'x'.repeat(10_000)]));
    expect(JSON.stringify(values.field('huge', huge)).length).toBeLessThan(200_000);
    values.begin();
    const wide = values.field(
      'wide',
      Array.from({ length: 1_000_000 }, () => 1),
    ) as unknown[];
    expect(wide).toHaveLength(1_001);
    expect(wide.at(-1)).toBe('[more]');
  });

  test('Map, Set, Buffer, BigInt, RegExp, toJSON, __proto__, circular and deep values', () => {
    values.begin();
    const circular: Record<string, unknown> = {};
    circular.self = [circular];
    let deep: unknown = 'end';
    for (let i = 0; i < 50; i++) deep = { deep };
    const plain = values.field('odd', {
      set: new Set([1, 'a']),
      buffer: Buffer.from('secret'),
      big: 12n,
      bigger: 2n ** 70n,
      pattern: /a/,
      json: { toJSON: () => ({ password: 'x' }) },
      bad: {
        toJSON: () => {
          throw new Error('no');
        },
      },
      proto: JSON.parse('{"__proto__":{"a":1}}'),
      circular,
      deep,
      list: [undefined, () => 1],
    });
    expect(JSON.parse(JSON.stringify(plain))).toMatchObject({
      set: [1, 'a'],
      buffer: '[Buffer of 6 bytes]',
      big: 12,
      bigger: String(2n ** 70n),
      pattern: '/a/',
      json: { password: R },
      bad: '[Unserializable]',
      circular: { self: ['[Circular]'] },
      list: [null, null],
    });
    expect(JSON.stringify(plain)).toContain('{"__proto__":{"a":1}}');
    expect(JSON.stringify(plain)).toContain('[Object]');
  });
});
