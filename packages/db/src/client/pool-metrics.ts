import type { DatabaseOperations, DatabasePool } from '@throughline/core/plugin';

interface ObservedPool {
  waited(durationSeconds: number): void;
  stop(): void;
}

/** The metrics of connection pools, each as long as the pool lives; none of them keeps a pool alive. */
export class PoolMetrics<P extends object> {
  private readonly observed = new WeakMap<P, ObservedPool | undefined>();
  private readonly forgotten = new FinalizationRegistry<ObservedPool>((pool) => pool.stop());

  constructor(
    private readonly databases: DatabaseOperations,
    private readonly read: (pool: P) => ReturnType<DatabasePool['read']>,
  ) {}

  /**
   * @param describe names the pool, or returns undefined as long as the name is unknown; it is called until it returns a name
   */
  observe(pool: P, describe: (pool: P) => Pick<DatabasePool, 'system' | 'name'> | undefined): void {
    if (this.observed.has(pool)) return;
    const description = describe(pool);
    if (description === undefined) return;
    const reference = new WeakRef(pool);
    const { read } = this;
    const observation = this.databases.observePool({
      ...description,
      read() {
        const alive = reference.deref();
        return alive ? read(alive) : { used: 0, idle: 0, pending: 0 };
      },
    });
    this.observed.set(pool, observation);
    this.forgotten.register(pool, observation, observation);
  }

  /** A caller got a connection after that time. */
  waited(pool: P, durationMillis: number): void {
    this.observed.get(pool)?.waited(durationMillis / 1_000);
  }

  /** The pool has ended. */
  drop(pool: P): void {
    const observation = this.observed.get(pool);
    if (!observation) return;
    // It stays in the map, so that activity while it ends does not start a new observation.
    this.observed.set(pool, undefined);
    this.forgotten.unregister(observation);
    observation.stop();
  }
}
