import { once } from 'node:events';
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Election, elect, isListenedOn } from './election.js';
import { isMeetingPlaceOpen } from './group-folder.js';
import { openMeetingPlace, removeLeftovers } from './meeting-place.js';

const folder = temporaryFolder();
const key = '0123456789abcdef';
let elected: Election[] = [];
beforeEach(() => {
  vi.stubEnv('TMPDIR', folder);
});
afterEach(async () => {
  for (const election of elected.splice(0)) {
    if (election.isLeader) election.server.close();
    else election.socket.destroy();
  }
  vi.unstubAllEnvs();
  rmSync(join(folder, folderOfUser), { recursive: true, force: true });
});
const folderOfUser = `throughline-${process.getuid?.()}`;

const electOne = async () => {
  const election = await elect(openMeetingPlace(key));
  elected.push(election);
  return election;
};
const leads = ({ isLeader }: Election) => isLeader;

test('of many that come at the same time one leads', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, electOne));
  expect(all.filter(leads)).toHaveLength(1);
});

test('after the leader is gone one of the others leads, whatever it left behind', async () => {
  const place = openMeetingPlace(key);
  for (let round = 0; round < 5; round++) {
    const all = await Promise.all(Array.from({ length: 10 }, electOne));
    const leader = all.find(leads);
    expect(all.filter(leads)).toHaveLength(1);
    elected = elected.filter((one) => one !== leader);
    if (!leader?.isLeader) continue;
    await place.removeBefore(leader.number);
    expect(await place.leaders()).toEqual([leader.number]);
    const path = place.socket(leader.number);
    leader.server.close();
    for (const one of elected.splice(0)) if (!one.isLeader) one.socket.destroy();
    await once(leader.server, 'close');
    // As it is when a process is killed: the path is there, and nobody listens.
    if (round % 2 === 0) writeFileSync(path, '');
  }
});

test('a leader with a long queue is found all the same', async () => {
  await electOne();
  const all = await Promise.all(Array.from({ length: 200 }, electOne));
  expect(all.filter(leads)).toHaveLength(0);
});

describe('the meeting place', () => {
  test('is private', () => {
    mkdirSync(join(folder, folderOfUser), { mode: 0o777 });
    // Where somebody else may have a hand in it, it is not used; shared memory is the next choice.
    const place = openMeetingPlace(key);
    expect(place.socket(1).startsWith(process.platform === 'linux' ? '/dev/shm/' : folder)).toBe(true);
    rmSync(join('/dev/shm', folderOfUser, key), { recursive: true, force: true });
  });

  test('is not used where its path is too long for a socket', () => {
    vi.stubEnv('TMPDIR', join(folder, 'x'.repeat(100)));
    mkdirSync(process.env.TMPDIR as string);
    expect(openMeetingPlace(key).socket(1)).not.toContain('xxx');
    rmSync(join('/dev/shm', folderOfUser, key), { recursive: true, force: true });
  });

  test('is found by those who look for it, and gone when it is removed', async () => {
    expect(isMeetingPlaceOpen(key)).toBe(false);
    const place = openMeetingPlace(key);
    expect(isMeetingPlaceOpen(key)).toBe(true);
    await place.remove();
    expect(isMeetingPlaceOpen(key)).toBe(false);
  });

  test('what others left long ago is removed, unless somebody listens there', async () => {
    const old = new Date(Date.now() - 3 * 24 * 3_600_000);
    const [dead, alive, young] = ['a', 'b', 'c'].map((letter) => letter.repeat(16)) as [
      string,
      string,
      string,
    ];
    for (const name of [dead, alive, young]) openMeetingPlace(name);
    const server = createServer().listen(openMeetingPlace(alive).socket(1));
    await once(server, 'listening');
    writeFileSync(openMeetingPlace(dead).socket(1), '');
    for (const name of [dead, alive]) utimesSync(join(folder, folderOfUser, name), old, old);
    await removeLeftovers(key, isListenedOn);
    expect([dead, alive, young].map((one) => isMeetingPlaceOpen(one))).toEqual([false, true, true]);
    server.close();
  });
});
