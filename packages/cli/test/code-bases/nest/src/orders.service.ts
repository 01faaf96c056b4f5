import type { HttpService } from '@nestjs/axios';
import { Injectable, Logger } from '@nestjs/common';
import type { TraceContext } from './trace-context';

@Injectable()
export class OrdersService {
  private readonly logger = new Logger(OrdersService.name);

  constructor(
    private readonly http: HttpService,
    private readonly context: TraceContext,
  ) {}

  place(order: { id: string }, traceId: string) {
    this.logger.log(`placing ${order.id}, trace ${traceId}`); // finds: logged
    this.logger.log(`placing ${order.id}`);
    return this.http.post('http://stock', order, {
      headers: { 'X-Trace-Id': this.context.id, 'Content-Type': 'application/json' }, // finds: header-sent
    });
  }
}
