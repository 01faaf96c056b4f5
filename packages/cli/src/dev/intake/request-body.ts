import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { OtlpError } from './otlp-error.js';

/** Larger requests, before or after decompression, are refused: a small one may unpack to gigabytes. */
const maxBodyBytes = 64 * 1024 * 1024;

export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

const decompress = { gzip: promisify(gunzip), deflate: promisify(inflate) };

/**
 * The body of a request, decompressed.
 *
 * @throws OtlpError when it is not compressed as its header says; BodyTooLarge
 */
export async function readBody(request: IncomingMessage, limitBytes = maxBodyBytes): Promise<Buffer> {
  const tooLarge = () => new BodyTooLarge(`The body is larger than ${limitBytes} bytes.`);
  if (Number(request.headers['content-length']) > limitBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  // The connection stays, so that the answer can be sent.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() || 'identity';
  if (encoding === 'identity') return body;
  if (encoding !== 'gzip' && encoding !== 'deflate') {
    throw new OtlpError(`The content encoding '${encoding}' is not supported; use gzip.`);
  }
  try {
    return await decompress[encoding](body, { maxOutputLength: limitBytes });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new BodyTooLarge(`The body is larger than ${limitBytes} bytes when it is decompressed.`);
    }
    throw new OtlpError(`The body is not ${encoding}: ${(cause as Error).message}.`, { cause });
  }
}
