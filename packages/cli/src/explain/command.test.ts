import { errorCatalogue, ObservabilityError } from '@throughline/core/internal';
import { expect, test } from 'vitest';
import { recordedIo } from '../../test/recorded-io.js';
import { CommandError } from '../command-line/errors.js';
import { runCommandLine } from '../command-line/run.js';
import { commands } from '../commands.js';
import { allExplanations } from './explanations.js';

async function explain(...args: string[]) {
  const io = recordedIo();
  const exitCode = await runCommandLine(commands, ['explain', ...args], io);
  return { exitCode, out: io.outText(), problems: io.problemText() };
}
/** In one line: long texts are wrapped. */
const flat = (text: string) => text.replace(/\s+/g, ' ');

test('what an error says about its code is a command that explains it', async () => {
  for (const { help } of [new ObservabilityError('OBS_EXPORT_FAILED'), new CommandError('OBS_SLO_INVALID')]) {
    const [npx, name, ...args] = help.split(' ');
    expect([npx, name]).toEqual(['npx', 'throughline']);
    const io = recordedIo();
    expect(await runCommandLine(commands, args, io)).toBe(0);
    expect(io.outText()).toContain(args.at(-1));
  }
});

test('message, cause and fix are printed', async () => {
  const { exitCode, out } = await explain('OBS_EXPORT_FAILED');
  const { message, cause, fix } = errorCatalogue.OBS_EXPORT_FAILED;
  expect(exitCode).toBe(0);
  for (const text of [message, cause, fix]) expect(flat(out)).toContain(text);
});

test.each(['obs_not_ready', 'NOT_READY', 'not-ready'])('%s is understood too', async (given) => {
  expect((await explain(given)).out).toContain('OBS_NOT_READY  warning, found by throughline doctor');
});

test('a code that a service logs and the doctor finds is explained as both', async () => {
  const { out } = await explain('OBS_LIBRARY_UNSUPPORTED');
  expect(out).toContain('logged by a service');
  expect(out).toContain('found by throughline doctor');
});

test('without a code all codes are listed, each in one of the catalogues', async () => {
  const { exitCode, out } = await explain();
  expect(exitCode).toBe(0);
  for (const { code } of allExplanations()) expect(out).toContain(code);
  expect(JSON.parse((await explain('--json')).out)).toEqual(allExplanations());
});

test('an unknown code fails with the nearest one', async () => {
  expect(await explain('OBS_EXPORT_FAILD')).toMatchObject({
    exitCode: 2,
    out: '',
    problems: expect.stringContaining(
      "There is no code 'OBS_EXPORT_FAILD'; did you mean 'OBS_EXPORT_FAILED'?",
    ),
  });
  expect((await explain('unrelated-words')).problems).toContain('throughline explain lists all codes');
});
