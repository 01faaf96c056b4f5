import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { shellLine, signalProgram, startProgram } from './child-program.js';

describe('the line for the shell of Windows', () => {
  test.each([
    [['npm', 'run', 'start:prod'], 'npm run start:prod'],
    [['npx', 'tsx', 'C:\\my service\\main.ts'], 'npx tsx "C:\\my service\\main.ts"'],
    [['npm', 'install', '@throughline/core@^0.1.0'], 'npm install "@throughline/core@^0.1.0"'],
    [['npm', 'start', '--', 'a&b', '(c)', 'd|e'], 'npm start -- "a&b" "(c)" "d|e"'],
    [['npm', 'start', 'say "hi"', ''], 'npm start "say ""hi""" ""'],
    [['npm', '--prefix', 'C:\\a folder\\'], 'npm --prefix "C:\\a folder\\\\"'],
  ])('%j', (command, line) => {
    expect(shellLine(command)).toBe(line);
  });
});

test.skipIf(process.platform === 'win32')('a signal reaches what the program has started', async () => {
  const inner =
    "process.on('SIGTERM', () => { console.log('inner got it'); process.exit(); }); console.log('ready'); setInterval(() => {}, 1e6);";
  const outer = `process.on('SIGTERM', () => {});
    require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(inner)}], { stdio: 'inherit' })
      .on('exit', () => process.exit());`;
  const child = startProgram({
    command: [process.execPath, '-e', outer],
    folder: process.cwd(),
    environment: process.env,
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    if (output === 'ready\n') signalProgram(child, 'SIGTERM');
  });
  await once(child, 'close');
  expect(output).toBe('ready\ninner got it\n');
});
