import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';

// The fields of https://github.com/google/pprof/blob/main/proto/profile.proto, by name and number.
const { root } = protobuf.parse(
  `syntax = "proto3"; package perftools.profiles;
  message Profile { repeated ValueType sample_type = 1; repeated Sample sample = 2; repeated Mapping mapping = 3;
    repeated Location location = 4; repeated Function function = 5; repeated string string_table = 6;
    int64 drop_frames = 7; int64 keep_frames = 8; int64 time_nanos = 9; int64 duration_nanos = 10;
    ValueType period_type = 11; int64 period = 12; repeated int64 comment = 13; int64 default_sample_type = 14; }
  message ValueType { int64 type = 1; int64 unit = 2; }
  message Sample { repeated uint64 location_id = 1; repeated int64 value = 2; repeated Label label = 3; }
  message Label { int64 key = 1; int64 str = 2; int64 num = 3; int64 num_unit = 4; }
  message Mapping { uint64 id = 1; }
  message Location { uint64 id = 1; uint64 mapping_id = 2; uint64 address = 3; repeated Line line = 4; bool is_folded = 5; }
  message Line { uint64 function_id = 1; int64 line = 2; int64 column = 3; }
  message Function { uint64 id = 1; int64 name = 2; int64 system_name = 3; int64 filename = 4; int64 start_line = 5; }`,
  { keepCase: false },
);
const Profile = root.lookupType('perftools.profiles.Profile');

/**
 * @typedef {{ name: string, file: string, line: number }} PprofFrame The running function is the first of a stack.
 * @typedef {{ stack: PprofFrame[], values: number[], labels: Record<string, string | number> }} PprofSample
 * @typedef {{ valueTypes: string[], periodType: string, period: number, timeNanos: bigint, durationNanos: number,
 *   samples: PprofSample[] }} PprofProfile Value types read `cpu/nanoseconds`.
 */

/**
 * Decodes a profile in pprof's format, independently of the code that writes it.
 *
 * @param {Uint8Array} data compressed or not
 * @returns {PprofProfile}
 * @throws if something is not as the format demands: a string, function or location that is not there
 */
export function decodePprof(data) {
  const profile = Profile.toObject(Profile.decode(data[0] === 0x1f ? gunzipSync(data) : data), {
    longs: String,
    defaults: true,
  });
  const text = (index) => {
    const found = profile.stringTable[Number(index)];
    if (found === undefined) throw new Error(`The profile has no string ${index}.`);
    return found;
  };
  if (text(0) !== '') throw new Error('The first string is not empty.');
  const type = (each) => `${text(each.type)}/${text(each.unit)}`;
  const functions = byId(profile.function, 'function');
  const locations = byId(profile.location, 'location');
  return {
    valueTypes: profile.sampleType.map(type),
    periodType: type(profile.periodType),
    period: Number(profile.period),
    timeNanos: BigInt(profile.timeNanos),
    durationNanos: Number(profile.durationNanos),
    samples: profile.sample.map(({ locationId, value, label }) => {
      if (value.length !== profile.sampleType.length)
        throw new Error('A sample has too few or too many values.');
      return {
        stack: locationId.flatMap((id) =>
          locations(id).line.map(({ functionId, line }) => {
            const { name, filename } = functions(functionId);
            return { name: text(name), file: text(filename), line: Number(line) };
          }),
        ),
        values: value.map(Number),
        labels: Object.fromEntries(
          label.map(({ key, str, num }) => [text(key), Number(str) === 0 ? Number(num) : text(str)]),
        ),
      };
    }),
  };
}

function byId(entries, what) {
  const all = new Map(entries.map((entry) => [entry.id, entry]));
  return (id) => {
    const found = all.get(id);
    if (!found) throw new Error(`The profile has no ${what} ${id}.`);
    return found;
  };
}
