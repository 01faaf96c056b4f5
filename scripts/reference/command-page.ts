import { runCommandLine } from '../../packages/cli/src/command-line/run.js';
import { version } from '../../packages/cli/src/command-line/version.js';
import { commands } from '../../packages/cli/src/commands.js';
import { recordedIo } from '../../packages/cli/test/recorded-io.js';

/** Pages that show how to use a command. */
const guides: Readonly<Record<string, string>> = {
  init: 'init.md',
  scan: 'scan.md',
  doctor: 'doctor.md',
  dev: 'dev.md',
  check: 'contract.md',
  slo: 'slo.md',
  profile: 'profiles.md',
  explain: 'reference/errors.md',
};

/** The reference of the command line: what its own `--help` prints. */
export async function commandPage(): Promise<string> {
  const sections = [];
  for (const { name, summary } of commands) {
    const guide = guides[name];
    if (guide === undefined) throw new Error(`scripts/reference/command-page.ts names no page for '${name}'`);
    const link = guide.startsWith('reference/') ? guide.slice('reference/'.length) : `../${guide}`;
    sections.push(
      `## throughline ${name}\n\n${summary} [More](${link})\n\n\`\`\`text\n${await help(name)}\n\`\`\`\n`,
    );
  }
  return `<!-- Generated from what \`throughline --help\` prints by \`npm run generate\`; do not edit. -->

# Command line

\`throughline\` needs no installation: \`npx throughline <command>\`.

\`\`\`text
${(await help()).replace(version, '<version>')}
\`\`\`

${sections.join('\n')}`;
}

async function help(...command: string[]): Promise<string> {
  const io = recordedIo();
  await runCommandLine(commands, [...command, '--help'], io);
  return io.outText().trimEnd();
}
