import winston, { format } from 'winston';
import { logger } from './logger.js';

export const log = winston.createLogger({
  defaultMeta: { service: 'orders', traceId: currentTraceId() }, // finds: logged
  format: format.printf(({ level, message, traceId }) => `${level} [${traceId}] ${message}`), // finds: logged
});

export function placed(req: { traceId: string }, order: { id: string }): void {
  logger.child({ traceId: req.traceId }).info('order placed', { order: order.id }); // finds: logged
  logger.info('order placed', { order: order.id, traceId: req.traceId }); // finds: logged
  logger.warn(`[${req.traceId}] order ${order.id} is late`); // finds: logged
  console.log('trace', req.traceId); // finds: logged
  logger.info('order placed', { orderId: order.id });
}

declare function currentTraceId(): string;
