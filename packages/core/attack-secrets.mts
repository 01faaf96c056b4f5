import { redactMessage, redactAttribute, redactStatement as _ } from './src/redaction/attribute-redaction.ts';
import { redactStatement } from './src/redaction/secret-text.ts';
import { createLineValues } from './src/logs/line-values.ts';
const S = 'S3cr3tV4lue9x';
const texts = [
 // URLs
 `connect to u:${S}@db.example.com:5432/shop failed`, // URL without scheme
 `shop:${S}@tcp(db:3306)/orders`, // go dsn
 `//u:${S}@cache.example.com/0`,
 `redis://:${S}@cache:6379/0`, `rediss://default:${S}@cache:6379`,
 `amqp://guest:${S}@mq/vhost`, `amqps://guest:${S}%2F@mq`,
 `mongodb+srv://u:${S}@c0.mongodb.net/?retryWrites=true`,
 `mysql://root:${S}@localhost/x`, `mssql://sa:${S}@host`, `sqlserver://host:1433;database=x;user=sa;password=${S}`,
 `Server=tcp:x;User ID=sa;Password=${S};Encrypt=true`, `Data Source=db;User Id=scott;Pwd=${S};`,
 `host=db user=u password=${S} dbname=x`, `host=db password='${S}' dbname=x`,
 `postgres://u:p/${S}@db/x`, `postgres://u:pa?${S}@db/x`, `postgres://u:pa#${S}@db/x`,
 `jdbc:postgresql://db/x?user=u&password=${S}`, `jdbc:oracle:thin:scott/${S}@db:1521/x`,
 `https://${S}@github.com/x.git`, `https://x-access-token:${S}@github.com/x.git`,
 `sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="${S}";`,
 `{"sasl":{"mechanism":"plain","username":"u","password":"${S}"}}`,
 `sasl.password=${S}`, `ssl.key.password: ${S}`, `"sasl.password":"${S}"`,
 `REDISCLI_AUTH=${S}`, `AUTH ${S}`, `ERR invalid command AUTH default ${S}`, `PGPASSWORD=${S} psql`,
 `curl -u user:${S} https://x`, `curl --user user:${S} https://x`, `mysql -p${S}`, `mysql -u root -p${S} db`,
 // JSON in strings
 JSON.stringify({ password: S }), JSON.stringify(JSON.stringify({ password: S })), JSON.stringify(JSON.stringify(JSON.stringify({ password: S }))),
 `{password: '${S}'}`, `{ 'api_key': "${S}" }`, `{"password" : "${S}"}`, `{"auth":"${S}"}`, `{"secretKey":["${S}"]}`, `{"password":{"value":"${S}"}}`,
 `password:\n  ${S}`, `password =\n${S}`, `"token":\n"${S}"`,
 // headers
 `Authorization: Bearer ${S}`, `authorization: ApiKey ${S}`, `Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, Signature=${S}`,
 `Cookie: a=b; sid=${S}`, `Set-Cookie: sid=${S}; Path=/`, `X-Api-Key: ${S}`, `x-auth-token: ${S}`, `X-Amz-Security-Token: ${S}`, `Proxy-Authorization: Basic ${S}`,
 `'x-auth': '${S}'`, `X-Vault-Token: ${S}`, `x-csrf-token=${S}`, `Authorization=${S}`, `authorization ${S}`, `Token ${S}`,
 `headers: [ 'authorization', 'Bearer ${S}' ]`, `['Authorization','${S}']`, `["x-api-key", "${S}"]`,
 // keys
 `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${S}${S}`, `AKIAIOSFODNN7EXAMPLE`, `aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY`, `wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY`,
 `-----BEGIN RSA PRIVATE KEY-----\nMIIE${S}\n-----END RSA PRIVATE KEY-----`, `-----BEGIN PRIVATE KEY-----\\nMIIE${S}\\n-----END PRIVATE KEY-----`,
 `-----BEGIN OPENSSH PRIVATE KEY-----\nb3${S}`, `-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n${S}\n-----END PGP PRIVATE KEY BLOCK-----`,
 `sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD`, `sk-ant-api03-${S}${S}${S}`, `SG.abcdefghijklmnopqrstuv.abcdefghijklmnopqrstuvwxyz0123456789abcdefg`, `whsec_abcdefghijklmnopqrstuvwxyz012345`, `ya29.a0AfH6SMBabcdefghijklmnopqrstuvwxyz`, `hf_abcdefghijklmnopqrstuvwxyzABCDEFGH`, `dop_v1_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef`, `xoxb-123456789012-abcdefghij`, `https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX`, `shpat_0123456789abcdef0123456789abcdef`, `glpat-abcdefghij0123456789`, `pypi-AgEIcHlwaS5vcmcabcdefghijklmnop`, `AC0123456789abcdef0123456789abcdef`,
 // query
 `GET /x?a=1&password=${S}`, `/x?user%5Bpassword%5D=${S}`, `/x?p=1;token=${S}`, `/x?TOKEN=${S}`, `/x?%70assword=${S}`, `/x?access_token=${S}#a`, `/x#access_token=${S}`, `/x?client_secret=${S}`, `/x?redirect=https%3A%2F%2Fh%2F%3Ftoken%3D${S}`, `/x?x-amz-signature=${S}`, `/x?sig=${S}`, `/x?hmac=${S}`, `/x?auth=${S}`, `/x?id_token=${S}`, `/x?refresh_token=${S}`, `/x?assertion=${S}`, `/x?code=${S}`, `/x?api-key=${S}`, `/x?key=${S}`,
 `SAMLResponse=${S}`, `client_assertion=${S}`, `username=u&password=${S}`, `password=${S}&username=u`,
 // sentences
 `password is ${S}`, `the password '${S}' is wrong`, `wrong password "${S}"`, `token ${S} is invalid`, `Invalid API key: ${S}`, `Incorrect API key provided: ${S}`, `password: ${S}`, `pwd ${S}`,
 `Passwort: ${S}`, `비밀번호: ${S}`, `mot de passe: ${S}`, `contraseña: ${S}`,
 // SQL
 `SELECT * FROM users WHERE password = '${S}'`, `INSERT INTO users (email, password) VALUES ('a', '${S}')`, `SET PASSWORD FOR u = '${S}'`, `CREATE USER u WITH ENCRYPTED PASSWORD '${S}'`, `ALTER ROLE u PASSWORD $$${S}$$`, `CREATE USER 'a'@'b' IDENTIFIED BY '${S}'`, `UPDATE u SET token=E'${S}'`, `UPDATE u SET token = N'${S}'`, `WHERE password LIKE '${S}%'`, `password IN ('a', '${S}')`, `crypt('${S}', gen_salt('bf'))`, `pgp_sym_encrypt('x', '${S}')`, `SELECT set_config('app.token','${S}')`, `CREATE SUBSCRIPTION s CONNECTION 'host=h password=${S}'`, `WHERE "password"='${S}'`, "WHERE `password`='" + S + "'", `WHERE [password]='${S}'`, `WHERE password <> '${S}'`, `WHERE u.password::text = '${S}'`,
 `error: invalid input syntax for type integer: "${S}"`, `duplicate key value violates unique constraint "u"\nDetail: Key (email)=(${S}) already exists.`, `Duplicate entry '${S}' for key 'u'`, `E11000 duplicate key error collection: x index: email_1 dup key: { email: "${S}" }`, `ERROR 1366: Incorrect string value: '${S}' for column`, `Data too long for column 'x' at row 1`, `date/time field value out of range: "${S}"`, `invalid byte sequence for encoding`, `new row for relation "u" violates check constraint\nDETAIL: Failing row contains (1, ${S}).`, `Cannot convert value '${S}'`, `invalid input value for enum mood: "${S}"`, `column "${S}" does not exist`, `syntax error at or near "${S}"`, `You have an error in your SQL syntax; check the manual near '${S}' at line 1`, `invalid hexadecimal digit: "${S}"`, `WRONGPASS invalid username-password pair`, `ERR unknown command '${S}', with args beginning with: 'a'`, `ERR unknown command 'x', with args beginning with: '${S}'`, `Truncated incorrect DOUBLE value: '${S}'`, `invalid JSON: Token "${S}" is invalid.`, `Unexpected token 'S', "${S}" is not valid JSON`,
 // xml/yaml/env
 `<wsse:Password Type="x">${S}</wsse:Password>`, `<password\n>${S}</password>`, `password="${S}"`, `<user password="${S}"/>`, `export DB_PASSWORD=${S}`, `DB_PASS=${S}`, `STRIPE_SECRET=${S}`, `api.key=${S}`, `password  =  ${S}`, `password\t${S}`, `--password=${S}`, `--password ${S}`, `-password ${S}`, `--token="${S}"`, `PASSWORD:=${S}`, `password => ${S}`, `:password=>"${S}"`, `password → ${S}`,
 `Map(1) { 'password' => '${S}' }`, `Symbol(password): '${S}'`, `[password]: '${S}'`, `password%3D${S}`, `password\\":\\"${S}\\"`, `passcode=${S}`, `secret_answer=${S}`, `security_code=${S}`, `iban=${S}`, `private_key_id=${S}`, `encryption_key=${S}`, `clientSecret: '${S}'`, `auth: { user: 'u', pass: '${S}' }`, `auth: '${S}'`, `auth="${S}"`, `jwt=${S}`, `bearer=${S}`, `signature=${S}`, `sid=${S}`, `session=${S}`, `JSESSIONID=${S}`, `PHPSESSID=${S}`, `connect.sid=${S}`,
];
let n=0;
for (const t of texts) {
  const out = redactMessage(t);
  const leak = out.includes(S) || out === t;
  if (leak) { n++; console.log('TEXT', JSON.stringify(t).slice(0,150), '->', JSON.stringify(out).slice(0,150)); }
}
console.log(n, 'of', texts.length);
const v = createLineValues({ redact: [], maxFieldLength: 16384 });
const objs: unknown[] = [
 { headers: { authorization: S } }, { headers: { 'set-cookie': [S] } }, { rawHeaders: ['Authorization', S] }, { headers: [['authorization', S]] }, new Map([['authorization', S]]), { headers: new Headers({ authorization: S }) }, { q: new URLSearchParams({ password: S }) }, { u: new URL(`https://u:${S}@h/x?token=${S}`) }, { auth: { username: 'u', password: S } }, { options: { pass: S } }, { env: { DB_PASSWORD: S } }, { argv: ['--password', S] }, { argv: [`--password=${S}`] }, { body: Buffer.from(S) }, { body: `{"password":"${S}"}` }, { user: { Password: { hash: S } } }, { tokens: [S] }, { passwords: { a: S } }, { secrets: { a: S } }, { token: 12345678 }, { pin: 1234 }, { args: ['AUTH', S] }, { args: ['auth', 'default', S] }, { values: [S] }, { parameters: [S] }, { name: 'password', value: S }, { Name: 'password', Value: S }, { key: 'token', value: S }, { header: 'Authorization', value: S }, { config: { headers: { 'X-Api-Key': S } } }, { keys: { private: S } }, { accessToken: S }, { access: { token: S } }, { jwt: S }, { creds: S }, { 'db.password': S }, { 'sasl.password': S }, { sasl: { password: S } }, { authentication: S }, { auth: S }, { AUTH: [S] }, { secretAccessKey: S, accessKeyId: S }, { cookies: { sid: S } }, { session: { id: S } }, { sessionID: S }, { sessionToken: S }, { ssn: S }, { creditCard: { number: S } }, { 'card_number': S }, { cvc: 123 }, Object.assign(new Error('x'), { config: { auth: { password: S } } }), Object.assign(new Error('x'), { request: { _header: `GET / HTTP/1.1\r\nAuthorization: ${S}\r\n` } }), new Error('x', { cause: new Error(`postgres://u:${S}@h`) }), new AggregateError([new Error(`password=${S}`)], 'x'),
 { [Symbol('password')]: S }, { list: [{ password: S }] }, { set: new Set([`password=${S}`]) }, { p: { toJSON: () => ({ password: S }) } }, { [`postgres://u:${S}@h`]: 1 }, { a: { [`/x?token=${S}`]: 1 } }, { date: 1, pair: ['password', S] }, { pairs: [['password', S], ['x', 'y']] }, { entries: Object.entries({ password: S }) }, { triple: ['password', S, 'x'] }, { bearer: { value: S } }, new Map([['k', { password: S }]]), new Map([[{ password: S }, 1]]), { h: new (class Headers2 { constructor(public authorization = S) {} })() }, {form: (() => { const f = new FormData(); f.append('password', S); return f; })()}, { secret: 1234n }, { password: new String(S) }, { password: [S] }, { password: () => S }, { private_key: `-----BEGIN PRIVATE KEY-----\n${S}` }, { key: `-----BEGIN PRIVATE KEY-----\n${S}` },{ passwordConfirmation: S }, { newPassword1: S }, { password_2: S }, { oldPw: S }, { userPin: S }, { apiKeys: [S] }, {authToken: S}, {refresh_tokens: {a: S}}, {webhookSecretValue: S}, {dbPasswordValue: S}, {passwordHash: S}, {hashedPassword: S}, {salt: S}, {mfaCode: S}, {otpCode: S}, {totp: S}, {verificationCode: S}, {signingSecret: S}, {DATABASE_URL: `postgres://u:${S}@h`}, {dsn: `https://${S}@sentry.io/1`},
];
let m=0;
for (const o of objs) {
  v.begin();
  let out: string; try { out = JSON.stringify(v.field('x', o)); } catch (e) { out = 'THROWN ' + e; }
  if (out.includes(S) || out.startsWith('THROWN') || /12345678|1234\b|123\b/.test(out)) { m++; console.log('OBJ', out.slice(0, 200)); }
}
console.log(m, 'of', objs.length);
console.log('STATEMENT'); for (const t of texts.filter(t => /SELECT|INSERT|UPDATE|WHERE|ALTER|CREATE|SET |AUTH|password|crypt/.test(t))) { const o = redactStatement(t); if (o.includes(S)) console.log('  ', JSON.stringify(t).slice(0,130)); }
// over-redaction
const harmless = ['token => token.id', 'pass: 12', 'Invalid token: expected a number', 'the password is wrong', 'tokens: 500', 'max_tokens=4096', 'usage: {"total_tokens":123,"prompt_tokens":5}', 'http://a/b@c', 'user@example.com', 'Key (a) is missing', 'see https://a/@user', 'secretary: Anna', 'sessions=5', 'key=orders', 'code=ECONNREFUSED', 'status code: 401', 'authorization failed for user x', 'cookie banner shown', 'page_token=abc', 'ratio 1:2@3', 'a:b@c', 'x@y.z:1', 'npm@10.2.1', 'SELECT token FROM t WHERE id = $1', 'at fn (file:///app/node_modules/@scope/pkg/index.js:1:2)', 'at /app/node_modules/.pnpm/pg@8.16.0/node_modules/pg/lib/client.js:535:17', 'https://cdn/npm/vue@3.2.1/x.js', 'kafka://broker/topic@3', 'git@github.com:a/b.git', 'ssh://git@github.com/a/b', 'mailto:a@b.c', 'time=12:00:00@zone'];
for (const t of harmless) { const o = redactMessage(t); if (o !== t) console.log('OVER', t, '->', o); }
