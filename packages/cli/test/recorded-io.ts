import type { CommandIo } from '../src/command-line/command.js';

/** Standard input and output in memory, for tests of commands. */
export function recordedIo({
  input = '',
  answer = undefined as boolean | undefined,
  answers = undefined as Readonly<Record<string, string>> | undefined,
  folder = process.cwd(),
} = {}): CommandIo & {
  outText(): string;
  problemText(): string;
} {
  const out: string[] = [];
  const problems: string[] = [];
  return {
    out: (line) => out.push(`${line}\n`),
    problem: (line) => problems.push(`${line}\n`),
    input: async () => input,
    confirm: async (question) => {
      problems.push(`${question}\n`);
      return answer;
    },
    ask: async (question) => {
      if (!answers) return undefined;
      problems.push(`${question}\n`);
      return Object.entries(answers).find(([part]) => question.includes(part))?.[1] ?? '';
    },
    style: (_style, text) => text,
    width: 100,
    folder,
    outText: () => out.join(''),
    problemText: () => problems.join(''),
  };
}
