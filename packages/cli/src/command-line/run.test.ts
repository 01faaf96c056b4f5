import { ObservabilityError } from '@throughline/core/internal';
import { describe, expect, test } from 'vitest';
import { recordedIo } from '../../test/recorded-io.js';
import { type Command, type CommandEntry, parseOptions } from './command.js';
import { runCommandLine } from './run.js';

const greet: Command = {
  usage: 'throughline greet [--name <name>]',
  async run(args, io) {
    const { values, positionals } = parseOptions(args, { name: { type: 'string' } });
    io.out(`hello ${values.name ?? positionals.join(' ')}`);
    return 0;
  },
};
let loaded = 0;
const commands: readonly CommandEntry[] = [
  {
    name: 'greet',
    summary: 'Says hello.',
    load: async () => {
      loaded++;
      return greet;
    },
  },
  {
    name: 'broken',
    summary: 'Fails.',
    load: async () => ({
      usage: '',
      async run(args) {
        const known = new ObservabilityError('OBS_OPTION_INVALID', 'No.', { fix: 'Do this.' });
        if (args[0] === 'known') throw known;
        // As a second copy of core throws it.
        if (args[0] === 'copied') throw Object.assign(new Error(known.message), { ...known });
        throw new TypeError('oops');
      },
    }),
  },
];

async function run(...args: string[]) {
  const io = recordedIo();
  const exitCode = await runCommandLine(commands, args, io);
  return { exitCode, out: io.outText(), problems: io.problemText() };
}

describe('throughline', () => {
  test('--help lists the commands and the exit codes on stdout, and loads no command', async () => {
    loaded = 0;
    const { exitCode, out, problems } = await run('--help');
    expect(exitCode).toBe(0);
    expect(loaded).toBe(0);
    expect(out).toMatch(/greet +Says hello\./);
    expect(out).toMatch(/0 .*no problem[\s\S]*1 .*found[\s\S]*2 .*wrong call/);
    expect(problems).toBe('');
  });

  test('without a command the same goes to stderr, and it fails', async () => {
    const { exitCode, out, problems } = await run();
    expect(exitCode).toBe(2);
    expect(out).toBe('');
    expect(problems).toContain('Says hello.');
  });

  test.each([
    ['greet', '--help'],
    ['greet', '--name', 'x', '-h'],
    ['help', 'greet'],
  ])('%s %s prints the usage of one command', async (...args) => {
    expect(await run(...args)).toEqual({ exitCode: 0, out: `${greet.usage}\n`, problems: '' });
  });

  test('what stands behind -- belongs to the command', async () => {
    expect(await run('greet', '--', '--help')).toMatchObject({ exitCode: 0, out: 'hello --help\n' });
  });

  test('runs a command with its options, and loads no other', async () => {
    loaded = 0;
    expect(await run('broken', 'known')).toMatchObject({ exitCode: 2 });
    expect(loaded).toBe(0);
    expect(await run('greet', '--name', 'Ada')).toMatchObject({ exitCode: 0, out: 'hello Ada\n' });
    expect(loaded).toBe(1);
  });

  test.each([
    [['gret'], "There is no command 'gret'; did you mean 'greet'?"],
    [['deploy'], "There is no command 'deploy'; the commands are greet, broken."],
    [['constructor'], "There is no command 'constructor'"],
    [['--name'], "Unknown option '--name'; the command comes first."],
    [['greet', '--nmae', 'x'], "Unknown option '--nmae'; did you mean '--name'?"],
    [['greet', '--name'], "Option '--name <value>' argument missing"],
  ])('%j exits with 2 and a hint on stderr', async (args, hint) => {
    const { exitCode, out, problems } = await run(...args);
    expect(exitCode).toBe(2);
    expect(out).toBe('');
    expect(problems).toContain(`OBS_COMMAND_INVALID: ${hint}`);
    expect(problems).toContain('throughline --help');
  });

  test.each(['known', 'copied'])(
    'a %s error of the catalogue is printed with its fix and no stack',
    async (which) => {
      const { exitCode, problems } = await run('broken', which);
      expect(exitCode).toBe(2);
      expect(problems).toBe(
        'Error OBS_OPTION_INVALID: No.\nDo this.\nnpx throughline explain OBS_OPTION_INVALID\n',
      );
    },
  );

  test('a defect is printed with its stack', async () => {
    const { exitCode, problems } = await run('broken');
    expect(exitCode).toBe(2);
    expect(problems).toMatch(/defect[\s\S]*TypeError: oops\n +at /);
  });
});
