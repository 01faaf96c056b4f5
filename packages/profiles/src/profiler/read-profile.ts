import type { Profile } from 'pprof-format';
import type { Frame } from '../sources/frame.js';
import type { Positions } from '../sources/positions.js';

export interface ReadSample {
  readonly stack: readonly Frame[];
  readonly values: readonly number[];
  readonly labels: ReadonlyMap<string, number>;
}

/**
 * The samples that the engine has serialized, with the frames of the sources.
 *
 * @param positions where the engine has left the places of the code: the lines of the profile are numbers in it
 */
export async function readProfile(profile: Profile, positions: Positions): Promise<ReadSample[]> {
  const { strings } = profile.stringTable;
  const text = (index: number | bigint) => strings[Number(index)] ?? '';
  const resolved = await positions.resolve();
  const frames = profile.location.map((location): Frame => {
    const line = location.line[0];
    const called = line && profile.function[Number(line.functionId) - 1];
    const name = called ? text(called.name) : '';
    const found = resolved[Number(line?.line ?? 0) - 1];
    return found === undefined
      ? { name, file: called ? text(called.filename) : '', line: 0 }
      : { ...found, name: found.name || anonymous };
  });
  const stacks = new Map<unknown, readonly Frame[]>();
  return profile.sample.map(({ locationId, value, label }) => {
    let stack = stacks.get(locationId);
    if (stack === undefined) {
      // Samples of one node share the array.
      stack = locationId.map((id) => frames[Number(id) - 1] ?? noFrame);
      stacks.set(locationId, stack);
    }
    const labels = new Map(label.map(({ key, num }) => [text(key), Number(num)]));
    return { stack, values: value.map(Number), labels };
  });
}

const anonymous = '(anonymous)';
const noFrame: Frame = { name: '(unknown)', file: '', line: 0 };
