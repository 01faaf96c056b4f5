/** The positions of the keys among the arguments of a command, counted from 0, without the command itself. */
export interface KeyPositions {
  /** A single key apart from the others, for example the destination of ZUNIONSTORE. */
  readonly alone?: number;
  readonly first?: number;
  /** Negative: counted from the end. Default: `first`. */
  readonly last?: number;
  /** Distance from key to key. Default: 1. */
  readonly step?: number;
  /** The position of the argument that contains the number of keys that follow it. */
  readonly countAt?: number;
  /** The word that all keys follow, in the first half of what remains: XREAD … STREAMS key key id id. */
  readonly halfAfter?: string;
}

export interface RedisCommand {
  /** Upper-case. */
  readonly name: string;
  readonly keys: KeyPositions | undefined;
  /** Whether the first argument is a subcommand: CLIENT SETNAME, OBJECT ENCODING. */
  readonly hasSubcommand: boolean;
  /** Its arguments may be passwords. */
  readonly isSecret: boolean;
}

const first: KeyPositions = { first: 0 };
const firstTwo: KeyPositions = { first: 0, last: 1 };
const second: KeyPositions = { first: 1 };
const all: KeyPositions = { first: 0, last: -1 };
const allButLast: KeyPositions = { first: 0, last: -2 };
const everyOther: KeyPositions = { first: 0, last: -1, step: 2 };
const countedFirst: KeyPositions = { countAt: 0 };
const countedSecond: KeyPositions = { countAt: 1 };
const storedAndCounted: KeyPositions = { alone: 0, countAt: 1 };

/** From the key specifications that `COMMAND INFO` answers. https://redis.io/docs/latest/develop/reference/key-specs/ */
const keyPositions = new Map<string, KeyPositions>();
const declare = (positions: KeyPositions, names: string) => {
  for (const name of names.split(' ')) keyPositions.set(name, positions);
};
declare(
  first,
  'GET SET SETEX PSETEX SETNX GETSET GETDEL GETEX GETRANGE SUBSTR SETRANGE APPEND STRLEN INCR INCRBY INCRBYFLOAT ' +
    'DECR DECRBY EXPIRE PEXPIRE EXPIREAT PEXPIREAT EXPIRETIME PEXPIRETIME TTL PTTL PERSIST TYPE DUMP RESTORE MOVE ' +
    'SORT SORT_RO GETBIT SETBIT BITCOUNT BITPOS BITFIELD BITFIELD_RO ' +
    'HGET HSET HSETNX HMSET HMGET HGETALL HDEL HEXISTS HINCRBY HINCRBYFLOAT HKEYS HVALS HLEN HSTRLEN HSCAN ' +
    'HRANDFIELD HEXPIRE HPEXPIRE HEXPIREAT HPEXPIREAT HTTL HPTTL HPERSIST HGETDEL HGETEX HSETEX ' +
    'LPUSH RPUSH LPUSHX RPUSHX LPOP RPOP LLEN LINDEX LSET LRANGE LTRIM LREM LINSERT LPOS ' +
    'SADD SREM SCARD SISMEMBER SMISMEMBER SMEMBERS SPOP SRANDMEMBER SSCAN ' +
    'ZADD ZREM ZCARD ZCOUNT ZSCORE ZMSCORE ZINCRBY ZRANGE ZRANGEBYSCORE ZRANGEBYLEX ZREVRANGE ZREVRANGEBYSCORE ' +
    'ZREVRANGEBYLEX ZRANK ZREVRANK ZLEXCOUNT ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREMRANGEBYLEX ZPOPMIN ZPOPMAX ' +
    'ZRANDMEMBER ZSCAN PFADD XADD XLEN XRANGE XREVRANGE XDEL XTRIM XACK XCLAIM XAUTOCLAIM XPENDING XSETID ' +
    'GEOADD GEODIST GEOHASH GEOPOS GEORADIUS GEORADIUS_RO GEORADIUSBYMEMBER GEORADIUSBYMEMBER_RO GEOSEARCH ' +
    'JSON.GET JSON.SET JSON.DEL JSON.TYPE JSON.ARRAPPEND JSON.ARRLEN JSON.NUMINCRBY JSON.OBJKEYS JSON.MERGE ' +
    'BF.ADD BF.MADD BF.EXISTS BF.MEXISTS BF.RESERVE CF.ADD CF.EXISTS TS.ADD TS.GET TS.RANGE TS.CREATE',
);
declare(
  all,
  'DEL UNLINK EXISTS TOUCH MGET WATCH PFCOUNT PFMERGE SINTER SUNION SDIFF SINTERSTORE SUNIONSTORE SDIFFSTORE',
);
declare(everyOther, 'MSET MSETNX');
declare(allButLast, 'BLPOP BRPOP BZPOPMIN BZPOPMAX JSON.MGET');
declare(
  firstTwo,
  'RENAME RENAMENX COPY SMOVE RPOPLPUSH BRPOPLPUSH LMOVE BLMOVE LCS ZRANGESTORE GEOSEARCHSTORE',
);
declare(second, 'OBJECT MEMORY XGROUP XINFO');
declare({ first: 1, last: -1 }, 'BITOP');
declare(countedFirst, 'ZUNION ZINTER ZDIFF ZINTERCARD SINTERCARD LMPOP ZMPOP');
declare(countedSecond, 'EVAL EVAL_RO EVALSHA EVALSHA_RO FCALL FCALL_RO BLMPOP BZMPOP');
declare(storedAndCounted, 'ZUNIONSTORE ZINTERSTORE ZDIFFSTORE');
declare({ halfAfter: 'STREAMS' }, 'XREAD XREADGROUP');

const withSubcommand = new Set(
  'ACL CLIENT CLUSTER COMMAND CONFIG DEBUG FUNCTION LATENCY MEMORY MODULE OBJECT PUBSUB SCRIPT SLOWLOG XGROUP XINFO'.split(
    ' ',
  ),
);
const secret = new Set('AUTH HELLO ACL CONFIG MIGRATE SENTINEL'.split(' '));

/** A service may call what it likes; no more names than this are remembered. */
const maxRemembered = 1_000;
const remembered = new Map<string, RedisCommand>();

/** What is known about a command, by its name in any case. */
export function redisCommand(name: string): RedisCommand {
  const known = remembered.get(name);
  if (known) return known;
  const upper = name.toUpperCase();
  const command: RedisCommand = {
    // Anything else is not a command, and must not become a label value.
    name: /^[A-Z][A-Z0-9._-]{0,63}$/.test(upper) ? upper : '_OTHER',
    keys: keyPositions.get(upper),
    hasSubcommand: withSubcommand.has(upper),
    isSecret: secret.has(upper),
  };
  if (remembered.size < maxRemembered) remembered.set(name, command);
  return command;
}
