import axios from 'axios';
import type { Request } from 'express';
import { FLOW, Header, Names, TRACE_HEADER } from '@/http/headers';

axios.defaults.headers.common[Header.Correlation] = currentCorrelationId(); // finds: header-sent
axios.defaults.headers.common.Accept = 'application/json';

const client = axios.create({ baseURL: 'http://stock', headers: { 'content-type': 'application/json' } });
client.interceptors.request.use((config) => {
  config.headers[TRACE_HEADER] = currentTraceId(); // finds: header-sent
  config.headers.authorization = 'Bearer x';
  return config;
});

export async function reserve(req: Request, order: string): Promise<unknown> {
  const { headers } = req;
  const flow = headers[FLOW]; // finds: header-read
  const response = await fetch(`http://stock/${order}`, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      [Names.version]: '2',
      [Names.request]: req.requestId, // finds: header-sent
      [FLOW]: flow, // finds: header-sent
    },
  });
  return response.json();
}

declare function currentTraceId(): string;
declare function currentCorrelationId(): string;
