import { copyOf } from '../../model/text-copy.js';
import type { AttributePairs, RecordedValue } from '../span/attribute-pairs.js';
import type { KeyValues } from './key-values.js';
import { encoded, type ProtobufWriter } from './protobuf-writer.js';

/** The attributes that spans of one name begin with, encoded. */
interface Run {
  readonly pairs: AttributePairs;
  readonly bytes: Uint8Array;
}

interface Shape {
  run: Run | undefined;
  /** What an earlier span had; the next one shows what stays. */
  last: AttributePairs | undefined;
  /** Spans in a row that did not begin with the run. */
  missCount: number;
  /** Spans that pass before it is tried again to find a run. */
  restCount: number;
}

const maxNames = 1_000;
/** Of all runs, about. */
const maxKeptBytes = 1_048_576;
const maxRunBytes = 2_048;
const maxTextLength = 512;
const minAttributes = 3;
/** After this many spans in a row with another beginning, the run is made again. */
const maxMisses = 16;
/** Where two spans have too little in common, others will not have more: to look for it costs time. */
const restSpans = 1_024;

/**
 * Spans of one name begin with the same attributes: method, scheme, and address of the server, or system, statement and
 * database. They are encoded once and then copied as a whole.
 */
export class AttributeRuns {
  private readonly shapes = new Map<string, Shape>();
  /** Of all names beyond {@link maxNames}. What differs from name to name, such as the route, comes after the run. */
  private readonly furtherNames: Shape = { run: undefined, last: undefined, missCount: 0, restCount: 0 };
  private keptBytes = 0;

  constructor(
    private readonly keyValues: KeyValues,
    /** Of the attributes, in the message around them. */
    private readonly tag: number,
  ) {}

  write(writer: ProtobufWriter, name: string, pairs: AttributePairs): void {
    let start = 0;
    if (pairs.length >= minAttributes * 2) {
      const run = this.runFor(name, pairs);
      if (run !== undefined) {
        writer.raw(run.bytes);
        start = run.pairs.length;
      }
    }
    for (let i = start; i < pairs.length; i += 2) {
      this.keyValues.write(writer, this.tag, pairs[i] as string, pairs[i + 1]);
    }
  }

  private runFor(name: string, pairs: AttributePairs): Run | undefined {
    let shape = this.shapes.get(name);
    if (shape === undefined) {
      if (this.shapes.size < maxNames) {
        const last = keptPairs(pairs);
        this.shapes.set(copyOf(name), { run: undefined, last, missCount: 0, restCount: 0 });
        return undefined;
      }
      shape = this.furtherNames;
    }
    const { run } = shape;
    if (run !== undefined) {
      if (beginsWith(pairs, run.pairs)) {
        shape.missCount = 0;
        return run;
      }
      if (++shape.missCount < maxMisses) return undefined;
      this.keptBytes -= run.bytes.length * 2;
      shape.run = undefined;
      shape.missCount = 0;
    } else if (shape.restCount > 0) {
      shape.restCount--;
    } else if (shape.last !== undefined) {
      shape.run = this.learned(shape.last, pairs);
      if (shape.run === undefined) shape.restCount = restSpans;
      shape.last = undefined;
    } else {
      shape.last = keptPairs(pairs);
    }
    return undefined;
  }

  private learned(last: AttributePairs, pairs: AttributePairs): Run | undefined {
    let length = 0;
    while (length < last.length && pairs[length] === last[length] && pairs[length + 1] === last[length + 1]) {
      length += 2;
    }
    if (length < minAttributes * 2 || this.keptBytes >= maxKeptBytes) return undefined;
    const same = last.slice(0, length);
    const bytes = encoded((writer) => {
      for (let i = 0; i < length; i += 2) {
        this.keyValues.write(writer, this.tag, same[i] as string, same[i + 1]);
      }
    });
    if (bytes.length > maxRunBytes) return undefined;
    this.keptBytes += bytes.length * 2;
    return { pairs: same, bytes };
  }
}

function beginsWith(pairs: AttributePairs, begin: AttributePairs): boolean {
  if (pairs.length < begin.length) return false;
  for (let i = 0; i < begin.length; i++) {
    if (pairs[i] !== begin[i]) return false;
  }
  return true;
}

/** The first attributes that can be remembered: lists are compared by identity, and long texts take memory. */
function keptPairs(pairs: AttributePairs): AttributePairs {
  const kept: AttributePairs = [];
  for (let i = 0; i < pairs.length; i += 2) {
    const key = pairs[i] as string;
    const value = pairs[i + 1];
    if (key.length > maxTextLength || !isKept(value)) break;
    kept.push(copyOf(key), typeof value === 'string' ? copyOf(value) : value);
  }
  return kept;
}

function isKept(value: RecordedValue): boolean {
  return typeof value === 'string' ? value.length <= maxTextLength : typeof value !== 'object';
}
