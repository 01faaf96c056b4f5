// What ioredis does: commands, pipelines, transactions, errors, scripts, streams, subscriptions, callbacks.
const { createRequire } = require('node:module');
const library = createRequire(process.env.LIBRARY_OWNER)('ioredis');
const Redis = library.default ?? library.Redis ?? library;
(async () => {
  const redis = new Redis(process.env.REDIS_URL, { lazyConnect: true });
  for (const event of ['connect', 'ready', 'close', 'end']) redis.on(event, () => console.log(event));
  await redis.connect();
  const key = `differential:${process.pid}`;
  console.log(
    await redis.set(key, 'v'),
    await redis.get(key),
    await redis.getBuffer(key),
    await redis.del(key),
    await redis.get(key),
  );
  console.log(await redis.hset(key, { a: 1, b: 2 }), JSON.stringify(await redis.hgetall(key)));
  await redis
    .incr(key)
    .catch((error) =>
      console.log(error.name, error.message, JSON.stringify(error.command)?.replaceAll(key, 'KEY')),
    );
  await redis.call('NOSUCH', 'x').catch((error) => console.log(error.name, error.message));
  console.log(
    JSON.stringify(await redis.pipeline().set('p', 1).get('p').incr(key).exec()).replaceAll(key, 'KEY'),
  );
  console.log(JSON.stringify(await redis.multi().set('p', 1).incr('p').exec()));
  await redis.multi({ pipeline: false });
  await redis.set('p', 5);
  console.log(JSON.stringify(await redis.exec()));
  redis.defineCommand('twice', { numberOfKeys: 1, lua: 'return {KEYS[1], ARGV[1] * 2}' });
  console.log(JSON.stringify(await redis.twice('k', 4)), await redis.eval('return 7', 0));
  await new Promise((resolve) =>
    redis.get('p', (error, value) => resolve(console.log('callback', error, value))),
  );
  const found = [];
  for await (const keys of redis.scanStream({ match: key })) found.push(...keys);
  console.log(found.length);
  const subscriber = redis.duplicate();
  const message = new Promise((resolve) =>
    subscriber.on('message', (channel, text) => resolve(`${channel} ${text}`)),
  );
  console.log(await subscriber.subscribe('differential'));
  await redis.publish('differential', 'hello');
  console.log(await message);
  subscriber.disconnect();
  await redis.del(key, 'p');
  await redis.quit();
  await redis.get('x').catch((error) => console.log(error.message));
})();
