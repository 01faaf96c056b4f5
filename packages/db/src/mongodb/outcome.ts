import type { DatabaseOutcome } from '@throughline/core/plugin';
import type { MongodbReply } from './internals.js';

/** The outcome of a command that failed: by the server's name for its error, or its number. */
export function mongodbFailure(error: unknown): DatabaseOutcome {
  // The reason of a signal comes as it is: the code of a DOMException is no code of the server.
  const { code, codeName } = (error instanceof DOMException ? {} : (error ?? {})) as {
    code?: unknown;
    codeName?: unknown;
  };
  const statusCode =
    typeof codeName === 'string' && codeName !== ''
      ? codeName
      : typeof code === 'number'
        ? String(code)
        : undefined;
  return { error: error ?? new Error('unknown error'), statusCode };
}

const writes = new Set(['insert', 'update', 'delete']);

/** A write that the server refused comes in a reply that is fine as such; the driver makes the error of it later. */
export function outcomeOf(name: string, reply: MongodbReply | undefined): DatabaseOutcome | undefined {
  if (!reply || !writes.has(name)) return undefined;
  const writeErrors = readWriteErrors(reply);
  if (!Array.isArray(writeErrors) || writeErrors.length === 0) return undefined;
  const { code, errmsg } = writeErrors[0] as { code?: unknown; errmsg?: unknown };
  const error = new Error(typeof errmsg === 'string' ? errmsg : 'write error');
  error.name = 'MongoServerError';
  return { error, statusCode: typeof code === 'number' ? String(code) : undefined };
}

function readWriteErrors(reply: MongodbReply): unknown {
  if (typeof reply.has !== 'function') return reply.writeErrors;
  return reply.has('writeErrors') ? reply.toObject?.().writeErrors : undefined;
}
