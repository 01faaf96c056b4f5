/** What one command of a script starts. */
export type Started =
  | {
      readonly kind: 'file';
      readonly program: string;
      readonly file: string;
      readonly afterNode: number | undefined;
    }
  | { readonly kind: 'script'; readonly name: string }
  | { readonly kind: 'program'; readonly program: string };

interface Word {
  readonly text: string;
  /** Where it ends in the command line. */
  readonly end: number;
}

/** Programs that start the program after them. */
const wrappers = new Set([
  ...[
    'cross-env',
    'cross-env-shell',
    'env',
    'exec',
    'npx',
    'pnpx',
    'bunx',
    'dotenv',
    'dotenvx',
    'env-cmd',
    'nice',
    'sudo',
  ],
  ...['dumb-init', 'tini', 'time', 'c8', 'infisical', 'doppler'],
]);
const nodeValues = [
  '-r',
  '--require',
  '--import',
  '--loader',
  '--experimental-loader',
  '-C',
  '--conditions',
  '--watch-path',
  '--env-file',
  '--env-file-if-exists',
];
const tsNodeValues = [
  ...nodeValues,
  '-P',
  '--project',
  '-O',
  '--compiler-options',
  '--ignore',
  '--watch',
  '--cwd',
];
/** Programs that run a file, and those of their flags that take the next word as their value. */
const runners: Readonly<Record<string, readonly string[]>> = {
  node: nodeValues,
  tsx: [...nodeValues, '--tsconfig', '--include', '--exclude', '--ignore'],
  'ts-node': tsNodeValues,
  'ts-node-esm': tsNodeValues,
  'ts-node-dev': tsNodeValues,
  tsnd: tsNodeValues,
  'swc-node': nodeValues,
  'babel-node': [...nodeValues, '-x', '--extensions', '--presets', '--plugins', '--config-file'],
  'vite-node': ['-c', '--config', '--root', '-r', '-m', '--mode', '--script'],
  nodemon: [
    ...nodeValues,
    '-w',
    '--watch',
    '-e',
    '--ext',
    '-i',
    '--ignore',
    '-d',
    '--delay',
    '--config',
    '--signal',
  ],
  pm2: [
    '-n',
    '--name',
    '-i',
    '--instances',
    '--env',
    '--max-memory-restart',
    '--interpreter',
    '--node-args',
    '-l',
    '--log',
  ],
  'pm2-runtime': [
    '-n',
    '--name',
    '-i',
    '--instances',
    '--env',
    '--max-memory-restart',
    '--interpreter',
    '--node-args',
  ],
  forever: ['-l', '-o', '-e', '-w', '--watchDirectory'],
};
const subcommands: Readonly<Record<string, readonly string[]>> = {
  tsx: ['watch'],
  pm2: ['start', 'restart', 'startOrRestart'],
  'pm2-runtime': ['start'],
  forever: ['start'],
};

/** What the commands of a script start, in their order: `tsc && node dist/main.js` is two. */
export function startedBy(script: string): readonly Started[] {
  return commandsOf(script).flatMap((words) => startedByCommand(words) ?? []);
}

function startedByCommand(words: readonly Word[]): Started | undefined {
  let at = 0;
  for (;;) {
    const word = words[at];
    if (!word) return undefined;
    if (/^[A-Za-z_]\w*=/.test(word.text)) at++;
    else if (wrappers.has(programName(word.text))) at = afterWrapper(words, at);
    else break;
  }
  const program = programName(words[at]?.text ?? '');
  const rest = words.slice(at + 1);
  const script = scriptOf(program, rest);
  if (script !== undefined) return { kind: 'script', name: script };
  if (/^(?:npm|pnpm|yarn)$/.test(program)) {
    // `pnpm exec tsx …`, `yarn tsx …`
    const inner = rest[0]?.text === 'exec' ? rest.slice(1) : rest;
    return inner.length > 0 && inner.length < words.length ? startedByCommand(inner) : undefined;
  }
  const values = runners[program];
  if (!values) return { kind: 'program', program };
  return fileOf(program, values, rest, words[at]?.end);
}

function fileOf(
  program: string,
  values: readonly string[],
  rest: readonly Word[],
  afterNode: number | undefined,
): Started {
  const skipped = new Set(subcommands[program]);
  for (let at = 0; at < rest.length; at++) {
    const { text } = rest[at] as Word;
    if (program === 'nodemon' && /^(?:-x|--exec)(?:=|$)/.test(text)) {
      const [inner] = startedBy(
        text.includes('=') ? text.slice(text.indexOf('=') + 1) : (rest[at + 1]?.text ?? ''),
      );
      if (inner?.kind === 'file') return { ...inner, afterNode: undefined };
      at++;
    } else if (
      program === 'node' &&
      /^(?:-[ep]+|--eval|--print|--test|--check|-c|-v|--version)$/.test(text)
    ) {
      return { kind: 'program', program: `node ${text}` };
    } else if (text.startsWith('-')) {
      if (values.includes(text)) at++;
    } else if (!skipped.delete(text)) {
      return { kind: 'file', program, file: text, afterNode: program === 'node' ? afterNode : undefined };
    }
  }
  return { kind: 'program', program };
}

/** The script that `npm start`, `npm run x`, `yarn x` start. */
function scriptOf(program: string, rest: readonly Word[]): string | undefined {
  if (!/^(?:npm|pnpm|yarn|bun)$/.test(program)) return undefined;
  const words = rest.map(({ text }) => text).filter((text) => !text.startsWith('-'));
  const [first, second] = words;
  if (first === 'run' || first === 'run-script') return isFile(second) ? undefined : second;
  if (first === 'start' || first === 'test') return first;
  return undefined;
}

const isFile = (text: string | undefined) => text !== undefined && /\.[cm]?[jt]sx?$/.test(text);

/** Flags of wrappers may have values: `--` ends them where it is there. */
function afterWrapper(words: readonly Word[], at: number): number {
  const end = words.findIndex(({ text }, index) => index > at && text === '--');
  if (end > 0) return end + 1;
  let next = at + 1;
  while (words[next]?.text.startsWith('-'))
    next += /^(?:-[fe]|--file|--environments)$/.test(words[next]?.text ?? '') ? 2 : 1;
  // `dotenvx run node …`
  return words[next]?.text === 'run' ? next + 1 : next;
}

function programName(word: string): string {
  const [name = ''] = (word.split(/[\\/]/).at(-1) ?? '').split('@');
  return name.replace(/\.(?:cmd|exe)$/, '');
}

/** Words of a command line as a shell splits it, without what shells replace. */
function commandsOf(script: string): Word[][] {
  const commands: Word[][] = [[]];
  const token = /\s*(?:(&&|\|\||[;|&])|((?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s;|&"'\\])+))/gy;
  for (let match = token.exec(script); match; match = token.exec(script)) {
    const [, separator, word] = match;
    if (separator) commands.push([]);
    else if (word) commands.at(-1)?.push({ text: unquoted(word), end: token.lastIndex });
  }
  return commands;
}

function unquoted(word: string): string {
  return word.replace(
    /"((?:\\.|[^"\\])*)"|'([^']*)'/g,
    (_, double?: string, single?: string) => double?.replace(/\\(.)/g, '$1') ?? single ?? '',
  );
}
