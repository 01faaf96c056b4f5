/**
 * Declares a test, as the runners do: `test` of vitest, of `node:test` and of Jest, `it` of Mocha.
 */
export type RunTest = (name: string, run: () => Promise<void>) => unknown;
