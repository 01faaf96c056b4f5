import type { StartedDatabaseOperation } from '@throughline/core/plugin';

/** Kept on a command that was looked at: its operation, or null for one that makes none. */
export const observed = Symbol('throughline.ioredis.observed');

/** What is read of ioredis 5 and 6. */
export interface IoredisCommand {
  readonly name: string;
  readonly args: readonly unknown[];
  resolve: (value: unknown) => unknown;
  reject: (error: unknown) => unknown;
  [observed]?: StartedDatabaseOperation | null;
}

export interface IoredisClient {
  readonly status: string;
  readonly options: {
    readonly host?: string;
    readonly port?: number;
    readonly path?: string;
    readonly db?: number;
    readonly connectionName?: string | null;
    readonly enableAutoPipelining?: boolean;
  };
  /** The database that is selected now, and not when the client was made. */
  readonly condition?: { readonly select?: number } | null;
  readonly _autoPipelines?: Map<string, unknown>;
}

export interface IoredisCluster {
  readonly startupNodes?: readonly unknown[];
  readonly options: { readonly enableAutoPipelining?: boolean };
  readonly _autoPipelines?: Map<string, unknown>;
}

export interface IoredisPipeline {
  readonly redis: IoredisClient & IoredisCluster;
  readonly isCluster: boolean;
  readonly _queue: readonly IoredisCommand[];
  readonly _transactions: number;
  resolve: (value: unknown) => unknown;
  reject: (error: unknown) => unknown;
}

export interface IoredisClasses {
  readonly redis: object;
  readonly cluster: object;
  readonly pipeline: object;
}

const classesOf = (candidate: unknown) => {
  const { Redis, Cluster, Pipeline } = (candidate ?? {}) as Record<string, { prototype?: object }>;
  return { Redis, Cluster, Pipeline };
};

/** The prototypes of the three classes, from what `require` or `import` returned, or from the class itself. */
export function findIoredisClasses(moduleExports: unknown): IoredisClasses {
  for (const candidate of [moduleExports, (moduleExports as { default?: unknown } | undefined)?.default]) {
    const { Cluster, Pipeline, ...rest } = classesOf(candidate);
    // The first versions 5 are the class itself.
    const Redis = rest.Redis ?? (candidate as { prototype?: object } | undefined);
    if (Redis?.prototype && Cluster?.prototype && Pipeline?.prototype) {
      return { redis: Redis.prototype, cluster: Cluster.prototype, pipeline: Pipeline.prototype };
    }
  }
  throw new Error('it has no Redis, Cluster and Pipeline');
}
