import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { commandInvalid } from '../command-line/command.js';
import { CommandError } from '../command-line/errors.js';

/** Where a process can be asked, and with which token. */
export interface ServiceOfProcess {
  /** Addresses on this machine that it listens on. */
  readonly addresses: readonly string[];
  /** Of its environment, if that may be read. */
  readonly token: string | undefined;
}

/**
 * Finds the ports of a process on Linux, in /proc.
 *
 * @throws CommandError if there is no such process, or it listens nowhere
 */
export function serviceOfProcess(pid: number): ServiceOfProcess {
  if (process.platform !== 'linux') {
    throw commandInvalid(
      '--pid works on Linux only. Pass the address of the metrics server to --url instead',
    );
  }
  let sockets: Set<string>;
  try {
    sockets = socketsOf(pid);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT'
        ? 'does not exist'
        : code === 'EACCES'
          ? 'belongs to another user'
          : `cannot be read (${code})`;
    throw new CommandError('OBS_COMMAND_INPUT', `The process ${pid} ${reason}.`);
  }
  const addresses = listeningAddresses(pid, sockets);
  if (addresses.length === 0) {
    throw new CommandError('OBS_COMMAND_INPUT', `The process ${pid} listens on no port.`, {
      fix: 'Pass the process of the service itself, not that of npm or a shell that started it.',
    });
  }
  return { addresses, token: environmentOf(pid).THROUGHLINE_CONTROL_TOKEN };
}

/** Inode numbers of the sockets that a process has open. */
function socketsOf(pid: number): Set<string> {
  const folder = `/proc/${pid}/fd`;
  const inodes = new Set<string>();
  for (const descriptor of readdirSync(folder)) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${descriptor}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    } catch {
      // Closed in the meantime.
    }
  }
  return inodes;
}

/** State of a socket that listens: include/net/tcp_states.h of Linux. */
const listening = '0A';

function listeningAddresses(pid: number, sockets: ReadonlySet<string>): string[] {
  const addresses = new Set<string>();
  for (const family of ['tcp', 'tcp6']) {
    let table: string;
    try {
      table = readFileSync(`/proc/${pid}/net/${family}`, 'utf8');
    } catch {
      continue;
    }
    for (const line of table.split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      const [, local = '', , state] = fields;
      if (state !== listening || !sockets.has(fields[9] ?? '')) continue;
      const [host = '', port = ''] = local.split(':');
      addresses.add(`http://${hostOf(host)}:${Number.parseInt(port, 16)}`);
    }
  }
  return [...addresses];
}

/** An address as /proc/net writes it: 32-bit words in the byte order of the machine. */
function hostOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).toReversed());
  const isAny = bytes.every((byte) => byte === '00');
  if (bytes.length === 4)
    return isAny ? '127.0.0.1' : bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
  if (isAny) return '127.0.0.1';
  const groups = bytes.join('').match(/.{4}/g) ?? [];
  return `[${groups.join(':')}]`;
}

function environmentOf(pid: number): Readonly<Record<string, string>> {
  try {
    const pairs = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return Object.fromEntries(
      pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    );
  } catch {
    return {};
  }
}
