import type { Context, Span } from '@opentelemetry/api';
import { RPCType } from '@opentelemetry/core';
import { rpcMetadataKey, spanKey } from './context-keys.js';

/** What a context knows of the request that it belongs to, while the request is running. */
export interface ServedRequest {
  /** As far as it is known by now. */
  currentRoute(): string | undefined;
}

interface ServerMetadata {
  readonly type: RPCType.HTTP;
  readonly span: Span;
  route: string | undefined;
  /** Undefined once the request is over, because connections keep the context of the request that opened them. */
  request: ServedRequest | undefined;
  isOver: boolean;
}

/**
 * The context of a request that the service answers: its span, and the metadata in which stock instrumentations of
 * frameworks leave the route. The API copies all entries for each entry that is added; this adds both without a copy,
 * since every request has one.
 */
export class ServerContext implements Context {
  private readonly rpcMetadata: ServerMetadata;

  constructor(
    private readonly outer: Context,
    private readonly span: Span,
    request?: ServedRequest,
  ) {
    // All members from the start: what is added later gives the object another shape.
    this.rpcMetadata = {
      type: RPCType.HTTP,
      span,
      route: undefined,
      request,
      isOver: false,
    };
  }

  getValue(key: symbol): unknown {
    if (key === spanKey) return this.span;
    if (key === rpcMetadataKey) return this.rpcMetadata;
    return this.outer.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return this.plain().setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return this.plain().deleteValue(key);
  }

  /** The same entries in a context of the API. What is added to it must not hold this one. */
  private plain(): Context {
    return this.outer.setValue(spanKey, this.span).setValue(rpcMetadataKey, this.rpcMetadata);
  }
}
