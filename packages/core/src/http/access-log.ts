import type { Logger } from 'winston';
import type { AccessLog } from './server-request.js';

/** One line per request that was answered, under the names that its metric has as labels. */
export function accessLog(logger: Logger): AccessLog {
  return ({ method, route, path, statusCode, errorType, durationSeconds }) => {
    const isFailure = statusCode !== undefined && statusCode >= 500;
    logger.log(isFailure ? 'error' : 'info', `${method} ${route ?? path} ${statusCode ?? 'no response'}`, {
      http_request_method: method,
      ...(route === undefined ? {} : { http_route: route }),
      url_path: path,
      ...(statusCode === undefined ? {} : { http_response_status_code: statusCode }),
      ...(errorType === undefined ? {} : { error_type: errorType }),
      duration_seconds: Math.round(durationSeconds * 1e6) / 1e6,
    });
  };
}
