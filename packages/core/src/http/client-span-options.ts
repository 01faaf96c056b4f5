import { type Attributes, type AttributeValue, SpanKind } from '@opentelemetry/api';
import type { AttributePairs } from '../recorder/span/attribute-pairs.js';
import {
  maxPreparedLength,
  type PreparedSpanOptions,
  prepareAttributes,
} from '../recorder/span/prepared-attributes.js';
import { redactAttribute } from '../redaction/attribute-redaction.js';
import { redactRequestUrl } from '../redaction/secret-text.js';
import type { ClientMethod } from './client-target.js';

/** Adds a text that holds no secret, unless it is too long to be recorded without a look at the limits. */
export function addedShort(pairs: AttributePairs, key: string, value: string): boolean {
  if (value.length > maxPreparedLength) return false;
  pairs.push(key, value);
  return true;
}

export interface CallWithAttributes {
  /** The attributes that only this call has: keys and texts in turn. The query of `url.full` is redacted. */
  ownAttributes(): AttributePairs;
  /**
   * Adds the same attributes, ready to be recorded: short and without secrets.
   *
   * @returns false if they have to be looked at one by one; the pairs are not used then
   */
  addShown(pairs: AttributePairs): boolean;
}

/**
 * The options of a client span: what calls of one method to one server share is made once, and the rest when the tracer
 * asks for it. A class, because V8 makes a shape of its own for each object literal with a getter.
 */
export class ClientSpanOptions implements PreparedSpanOptions {
  readonly kind = SpanKind.CLIENT;

  constructor(
    private readonly method: ClientMethod,
    private readonly call: CallWithAttributes,
  ) {}

  get attributes(): Attributes {
    const attributes: Attributes = { ...this.method.attributes };
    const own = this.call.ownAttributes();
    for (let i = 0; i < own.length; i += 2) attributes[own[i] as string] = own[i + 1] as AttributeValue;
    return attributes;
  }

  [prepareAttributes](): AttributePairs | undefined {
    const { ready } = this.method;
    if (ready === undefined || ready.sizes.longestBytes > 0) return undefined;
    const usual = ready.pairs.slice();
    if (this.call.addShown(usual)) return usual;
    const pairs = ready.pairs.slice();
    const own = this.call.ownAttributes();
    for (let i = 0; i < own.length; i += 2) {
      const value = own[i + 1];
      // Headers may be anything.
      if (typeof value !== 'string' || value.length > maxPreparedLength) return undefined;
      const key = own[i] as string;
      pairs.push(key, key === 'url.full' ? redactRequestUrl(value) : redactAttribute(key, value));
    }
    return pairs;
  }
}
