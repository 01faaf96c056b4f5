import { logger } from '@throughline/core';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { HttpError } from './http-error.js';

export const answerNotFound: RequestHandler = (request, response) => {
  response.status(404).json({ error: `There is no ${request.method} ${request.path}.` });
};

/** The last middleware: every error gets a response. An error of the service, not of the caller, also gets a log line. */
export const answerError: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) {
    next(error);
    return;
  }
  const status = statusOf(error);
  if (status >= 500) logger.error('Request failed.', { error });
  else logger.warn('Request refused.', { status, reason: error.message });
  // The response contains only messages that are meant for the caller.
  const isMeantForCaller = error instanceof HttpError || status < 500;
  response.status(status).json({ error: isMeantForCaller ? error.message : 'Internal error' });
};

/** Express's parsers also throw errors with a status, for example 400 for malformed JSON. */
function statusOf(error: unknown): number {
  const { status } = (error ?? {}) as { status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}
