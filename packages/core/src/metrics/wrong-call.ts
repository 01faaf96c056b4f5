/*
 * Methods that other metric libraries have, but prom-client does not. With this list, the compiler and the warning at run
 * time can name the right method.
 */

/** A member that exists only to name the right call. Calling it is a compile error. */
export interface UseInstead<Call extends string> {
  readonly useInstead: Call;
}

/** By kind of metric, the right call for each method that does not exist. */
export const wrongCalls = {
  counter: {
    increment: 'inc(labels, value)',
    add: 'inc(labels, value)',
    dec: 'a gauge: a counter only goes up',
  },
  gauge: {
    increment: 'inc(labels, value)',
    add: 'inc(labels, value)',
    decrement: 'dec(labels, value)',
    record: 'set(labels, value)',
    observe: 'set(labels, value)',
  },
  histogram: {
    record: 'observe(labels, value)',
    add: 'observe(labels, value)',
    set: 'observe(labels, value)',
  },
} as const;

export type MetricKind = keyof typeof wrongCalls;

/** The calls of {@link wrongCalls} as members that cannot be called. */
export type WrongCalls<K extends MetricKind> = {
  readonly [Name in keyof (typeof wrongCalls)[K]]: (typeof wrongCalls)[K][Name] extends infer Call extends
    string
    ? UseInstead<Call>
    : never;
};

/** Functions for the names of {@link wrongCalls}; each records nothing and says so. */
export function wrongCallTraps(
  kind: MetricKind,
  misused: (mistake: string, detail: () => string) => void,
): Record<string, () => void> {
  const traps: Record<string, () => void> = {};
  for (const [name, call] of Object.entries(wrongCalls[kind])) {
    traps[name] = () => misused(name, () => `${name}() does not exist; use ${call}. Nothing was recorded`);
  }
  return traps;
}
