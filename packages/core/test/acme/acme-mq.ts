import { setImmediate as nextTurn } from 'node:timers/promises';

/** A message as the client has it. */
export interface AcmeMessage {
  readonly value: string;
  headers: Record<string, string>;
}

interface StoredMessage extends AcmeMessage {
  readonly timestampMillis: number;
}

export type AcmeHandler = (message: AcmeMessage) => Promise<void>;

/** Messages as bytes, by topic: what a reader changes, no other reader sees. */
const topics = new Map<string, string[]>();

/** The broker refuses what is sent here. */
export const forbiddenTopic = 'forbidden';

/** A message broker in a few lines, of which a plugin can get wrong what it can of a real one. */
export class AcmeProducer {
  async send(topic: string, message: AcmeMessage): Promise<void> {
    await nextTurn();
    if (topic === forbiddenTopic) throw new AcmeRefusal('nobody may write here');
    const stored: StoredMessage = { ...message, timestampMillis: Date.now() };
    topics.set(topic, [...(topics.get(topic) ?? []), JSON.stringify(stored)]);
  }
}

export class AcmeConsumer {
  private isOpen = true;
  private readonly over: Promise<void>;

  constructor(
    readonly topic: string,
    readonly group: string,
    private readonly handler: AcmeHandler,
  ) {
    this.over = this.run();
  }

  /** Gives one message to the handler. */
  async deliver(message: StoredMessage): Promise<void> {
    await this.handler(message);
  }

  async close(): Promise<void> {
    this.isOpen = false;
    await this.over;
  }

  private async run(): Promise<void> {
    for (let offset = 0; this.isOpen; await nextTurn()) {
      const bytes = topics.get(this.topic)?.[offset];
      if (bytes === undefined) continue;
      offset++;
      // A message whose handler fails is not given again.
      await this.deliver(JSON.parse(bytes)).catch(() => {});
    }
  }
}

class AcmeRefusal extends Error {
  override name = 'AcmeRefusal';
  readonly code = 'E400';
}
