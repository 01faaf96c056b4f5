import type { ObservabilityPlugin } from '../plugin/plugin.js';
import { type CapturedObservability, captureObservability } from './capture.js';
import type { RunTest } from './run-test.js';

/** What a test of a suite starts. All of it ends with the test. */
export interface TestOfSuite {
  /** Starts observability with `plugins` plugins (default 1). */
  start(createPlugin: () => ObservabilityPlugin, plugins?: number): CapturedObservability;
  /** Closes something when the test is over. What was opened last is closed first. */
  closing(close: () => unknown): void;
}

/** Declares a test of a suite. Servers and clients close before observability ends. */
export function testOfSuite(test: RunTest, name: string, run: (o: TestOfSuite) => Promise<void>): void {
  test(name, async () => {
    const closes: (() => unknown)[] = [];
    const captures: CapturedObservability[] = [];
    try {
      await run({
        start(createPlugin, plugins = 1) {
          const captured = captureObservability({
            plugins: Array.from({ length: plugins }, () => createPlugin()),
          });
          captures.push(captured);
          return captured;
        },
        closing: (close) => closes.push(close),
      });
    } finally {
      for (const close of closes.reverse()) await close();
      for (const captured of captures) await captured.stop();
    }
  });
}
