import { basename, dirname } from 'node:path';
import { createStream, type Options, type RotatingFileStream } from 'rotating-file-stream';
import type { FileDestination } from '../options/log-options.js';
import type { LineFile } from './line-file.js';

/** A file that is rotated here: `orders.log`, `orders.log.1`, `orders.log.2`… */
export function rotatingFile(
  path: string,
  { maxSizeBytes, rotateEvery, maxFiles = 5 }: FileDestination,
): LineFile {
  const name = basename(path);
  const options: Options = {
    path: dirname(path),
    rotate: maxFiles,
    ...(maxSizeBytes === undefined ? {} : { size: sizeText(maxSizeBytes) }),
    ...(rotateEvery === undefined ? {} : { interval: rotateEvery === 'hour' ? '1h' : '1d' }),
  };
  let stream: RotatingFileStream | undefined;

  function opened(): RotatingFileStream {
    if (!stream || stream.destroyed) {
      stream = createStream((index) => (index ? `${name}.${index}` : name), options);
      // Each failure is reported by the write that it concerns. A failure between writes shows at the next write.
      stream.on('error', () => {});
    }
    return stream;
  }

  return {
    append: (text) =>
      new Promise((resolve) => {
        const target = opened();
        target.write(text, (error) => {
          if (!error) return resolve(undefined);
          // After an error a stream is of no use any more; the next write opens another.
          target.destroy();
          stream = undefined;
          resolve({ error, torn: true });
        });
      }),
    close: () =>
      new Promise((resolve) => {
        if (!stream || stream.destroyed) return resolve();
        stream.end(() => resolve());
        stream.once('error', () => resolve());
      }),
  };
}

/** The library takes sizes of whole units. */
function sizeText(bytes: number): `${number}B` {
  return `${bytes}B`;
}
