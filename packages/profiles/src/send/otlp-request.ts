import { randomBytes } from 'node:crypto';
import type { StackProfile, StackSample, ValueType } from '../profiler/profile.js';
import type { SampleOwner } from '../samples/sample-owner.js';
import type { Frame } from '../sources/frame.js';
import { ProtobufWriter } from './protobuf.js';

/** The path of an OTLP intake: https://opentelemetry.io/docs/specs/otlp/#otlphttp-request */
export const otlpProfilesPath = '/v1development/profiles';

/**
 * An ExportProfilesServiceRequest, as the OpenTelemetry Collector 0.165 takes it
 * (https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto/profiles/v1development). The protocol
 * is in development: other versions of a backend may not understand it.
 */
export function otlpProfilesRequest(
  resourceAttributes: Readonly<Record<string, string>>,
  profiles: readonly StackProfile[],
): Uint8Array {
  const dictionary = new Dictionary();
  const resource = new ProtobufWriter();
  for (const [key, value] of Object.entries(resourceAttributes)) {
    resource.bytes(1, new ProtobufWriter().bytes(1, key).bytes(2, stringValue(value)), true);
  }
  const scopeProfiles = new ProtobufWriter().bytes(
    1,
    new ProtobufWriter().bytes(1, '@throughline/profiles'),
    true,
  );
  for (const profile of profiles) {
    profile.valueTypes.forEach((type, index) => {
      // The number of samples is no measurement of the service.
      if (type.type !== 'samples')
        scopeProfiles.bytes(2, profileMessage(profile, type, index, dictionary), true);
    });
  }
  const resourceProfiles = new ProtobufWriter().bytes(1, resource, true).bytes(2, scopeProfiles, true);
  return new ProtobufWriter().bytes(1, resourceProfiles, true).bytes(2, dictionary.message(), true).finish();
}

function profileMessage(
  { samples, startMillis, endMillis, periodType, period }: StackProfile,
  type: ValueType,
  index: number,
  dictionary: Dictionary,
): ProtobufWriter {
  const message = new ProtobufWriter().bytes(1, dictionary.valueType(type), true);
  for (const sample of samples) {
    const value = sample.values[index] ?? 0;
    if (value > 0) message.bytes(2, sampleMessage(sample, value, dictionary), true);
  }
  return message
    .fixed64(3, BigInt(startMillis) * 1_000_000n)
    .number(4, BigInt(endMillis - startMillis) * 1_000_000n)
    .bytes(5, dictionary.valueType(periodType), true)
    .number(6, period)
    .bytes(7, randomBytes(16));
}

function sampleMessage({ stack, owner }: StackSample, value: number, dictionary: Dictionary): ProtobufWriter {
  return new ProtobufWriter()
    .number(1, dictionary.stack(stack))
    .packed(2, dictionary.attributesOf(owner))
    .number(3, dictionary.link(owner))
    .packed(4, [value]);
}

function stringValue(value: string): ProtobufWriter {
  return new ProtobufWriter().bytes(1, value, true);
}

/** Attribute keys of what samples of one kind of work have in common. */
const attributeKeys: Readonly<Record<string, string>> = { http_route: 'http.route', span_name: 'span.name' };

/** The tables that all profiles of a request share. The first entry of each table stands for "none". */
class Dictionary {
  private readonly strings = new Table<string>();
  private readonly functions = new Table<ProtobufWriter>(new ProtobufWriter());
  private readonly locations = new Table<ProtobufWriter>(new ProtobufWriter());
  private readonly stacks = new Table<ProtobufWriter>(new ProtobufWriter());
  private readonly links = new Table<ProtobufWriter>(new ProtobufWriter());
  private readonly attributes = new Table<ProtobufWriter>(new ProtobufWriter());
  private readonly stackNumbers = new Map<readonly Frame[], number>();
  private readonly attributesByOwner = new Map<SampleOwner, readonly number[]>();

  constructor() {
    this.text('');
  }

  valueType({ type, unit }: ValueType): ProtobufWriter {
    return new ProtobufWriter().number(1, this.text(type)).number(2, this.text(unit));
  }

  stack(stack: readonly Frame[]): number {
    let number = this.stackNumbers.get(stack);
    if (number === undefined) {
      const locations = stack.map((frame) => this.location(frame));
      number = this.stacks.of(locations.join(), () => new ProtobufWriter().packed(1, locations));
      this.stackNumbers.set(stack, number);
    }
    return number;
  }

  link(owner: SampleOwner | undefined): number {
    const { traceId, spanId } = owner ?? {};
    if (traceId === undefined || spanId === undefined) return 0;
    return this.links.of(spanId + traceId, () =>
      new ProtobufWriter().bytes(1, Buffer.from(traceId, 'hex')).bytes(2, Buffer.from(spanId, 'hex')),
    );
  }

  attributesOf(owner: SampleOwner | undefined): readonly number[] {
    if (owner === undefined) return [];
    let numbers = this.attributesByOwner.get(owner);
    if (numbers === undefined) {
      numbers = Object.entries(owner.kind()).map(([label, value]) => this.attribute(label, value));
      this.attributesByOwner.set(owner, numbers);
    }
    return numbers;
  }

  message(): ProtobufWriter {
    // A mapping is a file of machine code. Of these there is only the one that stands for "none".
    const message = new ProtobufWriter().bytes(1, new ProtobufWriter(), true);
    for (const location of this.locations.all) message.bytes(2, location, true);
    for (const called of this.functions.all) message.bytes(3, called, true);
    for (const link of this.links.all) message.bytes(4, link, true);
    for (const text of this.strings.all) message.bytes(5, text, true);
    for (const attribute of this.attributes.all) message.bytes(6, attribute, true);
    for (const stack of this.stacks.all) message.bytes(7, stack, true);
    return message;
  }

  private text(text: string): number {
    return this.strings.of(text, () => text);
  }

  private location(frame: Frame): number {
    const { name, file, line } = frame;
    const key = `${name}\n${line}\n${file}`;
    const called = this.functions.of(key, () =>
      new ProtobufWriter()
        .number(1, this.text(name))
        .number(2, this.text(name))
        .number(3, this.text(file))
        .number(4, line),
    );
    return this.locations.of(key, () =>
      new ProtobufWriter().bytes(3, new ProtobufWriter().number(1, called).number(2, line), true),
    );
  }

  private attribute(label: string, value: string): number {
    return this.attributes.of(`${label}\n${value}`, () =>
      new ProtobufWriter()
        .number(1, this.text(attributeKeys[label] ?? label))
        .bytes(2, stringValue(value), true),
    );
  }
}

/** Entries, each once. */
class Table<T> {
  readonly all: T[];
  private readonly numbers = new Map<string, number>();

  constructor(...none: T[]) {
    this.all = none;
  }

  of(key: string, make: () => T): number {
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.all.push(make()) - 1;
      this.numbers.set(key, number);
    }
    return number;
  }
}
