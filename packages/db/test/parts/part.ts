import { createProcesses } from '@throughline/testbed/processes';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

export interface Part {
  readonly name: string;
  /** How to turn it on. */
  readonly hint: string;
  isThere(): boolean;
  /** Waits until the clients have gone, who would take the server's end for a fault. */
  left?(url: string): Promise<void>;
  start(where: { processes: ReturnType<typeof createProcesses>; folder: string }): Promise<{ url: string }>;
}

/** Tests with a real server, which is started before them; none where it is missing, and in CI a failure. */
export function describeWith(part: Part, name: string, declare: (url: () => string) => void): void {
  if (!part.isThere()) {
    console.log(`${part.name} is off: ${part.hint}.`);
    // A file must hold a test.
    test(`${name}: ${part.name}`, ({ skip }) => {
      if (!process.env.CI) skip();
      expect.unreachable(`${part.name} is off: ${part.hint}`);
    });
    return;
  }
  describe(name, () => {
    const processes = createProcesses();
    let url = '';
    beforeAll(async () => {
      url = (await part.start({ processes, folder: temporaryFolder() })).url;
    }, 60_000);
    afterAll(async () => {
      if (url) await part.left?.(url).catch(() => {});
      await processes.stopAll();
    });
    declare(() => url);
  });
}
