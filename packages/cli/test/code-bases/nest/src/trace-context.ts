import { AsyncLocalStorage } from 'node:async_hooks';

export class TraceContext {
  private readonly storage = new AsyncLocalStorage<{ traceId: string }>(); // finds: context-stored

  enter(traceId: string): void {
    this.storage.enterWith({ traceId }); // finds: context-stored
  }

  get id(): string | undefined {
    return this.storage.getStore()?.traceId; // finds: context-read
  }
}
