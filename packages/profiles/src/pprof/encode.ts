import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  Label,
  Line,
  Location,
  Function as PprofFunction,
  Profile,
  Sample,
  StringTable,
  ValueType,
} from 'pprof-format';
import type { ValueType as NamedValueType, StackProfile, StackSample } from '../profiler/profile.js';
import type { SampleOwner } from '../samples/sample-owner.js';
import type { Frame } from '../sources/frame.js';
import type { SampleLabels } from './sample-labels.js';

/** In a thread of Node's pool, not in the service's. */
const zipped = promisify(gzip);

/**
 * The profile in pprof's format (https://github.com/google/pprof/blob/main/proto/profile.proto), compressed. Samples with
 * the same stack and the same labels become one.
 */
export function encodePprof(
  profile: StackProfile,
  labelsOf: (owner: SampleOwner | undefined) => SampleLabels,
): Promise<Uint8Array> {
  return zipped(pprofOf(profile, labelsOf).encode());
}

function pprofOf(profile: StackProfile, labelsOf: (owner: SampleOwner | undefined) => SampleLabels): Profile {
  const table = new StringTable();
  const valueType = ({ type, unit }: NamedValueType) =>
    new ValueType({ type: table.dedup(type), unit: table.dedup(unit) });
  const code = new CodeTable(table);
  const sample = merged(profile.samples).map(
    ({ stack, values, owner }) =>
      new Sample({
        locationId: stack.map((frame) => code.locationOf(frame)),
        value: [...values],
        label: Object.entries(labelsOf(owner)).map(
          ([key, text]) => new Label({ key: table.dedup(key), str: table.dedup(text) }),
        ),
      }),
  );
  const { startMillis, endMillis, periodType, period } = profile;
  return new Profile({
    sampleType: profile.valueTypes.map(valueType),
    sample,
    location: code.locations,
    function: code.functions,
    stringTable: table,
    timeNanos: nanos(startMillis),
    durationNanos: nanos(endMillis - startMillis),
    periodType: valueType(periodType),
    period,
  });
}

function nanos(millis: number): bigint {
  return BigInt(Math.round(millis)) * 1_000_000n;
}

function merged(samples: readonly StackSample[]): StackSample[] {
  const byStack = new Map<
    readonly Frame[],
    Map<SampleOwner | undefined, StackSample & { values: number[] }>
  >();
  const all: StackSample[] = [];
  for (const sample of samples) {
    let byOwner = byStack.get(sample.stack);
    if (byOwner === undefined) {
      byOwner = new Map();
      byStack.set(sample.stack, byOwner);
    }
    const first = byOwner.get(sample.owner);
    if (first === undefined) {
      const copy = { ...sample, values: [...sample.values] };
      byOwner.set(sample.owner, copy);
      all.push(copy);
    } else {
      sample.values.forEach((value, index) => {
        first.values[index] = (first.values[index] ?? 0) + value;
      });
    }
  }
  return all;
}

/** Functions and locations, each once. */
class CodeTable {
  readonly functions: PprofFunction[] = [];
  readonly locations: Location[] = [];
  private readonly known = new Map<string, number>();

  constructor(private readonly strings: StringTable) {}

  locationOf({ name, file, line }: Frame): number {
    const key = `${name}\n${line}\n${file}`;
    let id = this.known.get(key);
    if (id === undefined) {
      id = this.locations.length + 1;
      const nameIndex = this.strings.dedup(name);
      this.functions.push(
        new PprofFunction({
          id,
          name: nameIndex,
          systemName: nameIndex,
          filename: this.strings.dedup(file),
          startLine: line,
        }),
      );
      this.locations.push(new Location({ id, line: [new Line({ functionId: id, line })] }));
      this.known.set(key, id);
    }
    return id;
  }
}
