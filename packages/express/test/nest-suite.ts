import 'reflect-metadata';
import {
  Controller,
  Get,
  HttpException,
  type INestApplication,
  type MiddlewareConsumer,
  Module,
  Param,
  Post,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NextFunction, Request, Response } from 'express';
import { afterEach, describe, expect, test } from 'vitest';
import { closeAll, orders, serve } from '../test/served-app.js';

// Decorators are applied by hand: the test runner does not compile them.
class CatsController {
  list() {
    return ['tom'];
  }
  async find(name: string) {
    if (name === 'nobody') throw new HttpException('No such cat', 404);
    if (name === 'broken') throw new TypeError('broken cat');
    return { name };
  }
  create() {
    return 'created';
  }
}
Controller('cats')(CatsController);
const decorate = (method: 'list' | 'find' | 'create', decorator: MethodDecorator) =>
  decorator(CatsController.prototype, method, methodDescriptor(method));
const methodDescriptor = (method: 'list' | 'find' | 'create') =>
  Object.getOwnPropertyDescriptor(CatsController.prototype, method) as PropertyDescriptor;
decorate('list', Get());
decorate('find', Get(':name'));
decorate('create', Post());
Param('name')(CatsController.prototype, 'find', 0);

class CatsModule {
  configure(consumer: MiddlewareConsumer) {
    consumer.apply((_req: Request, _res: Response, next: NextFunction) => next()).forRoutes('cats');
  }
}
Module({ controllers: [CatsController] })(CatsModule);

const applications: INestApplication[] = [];

afterEach(async () => {
  for (const application of applications.splice(0)) await application.close();
  await closeAll();
});

async function nestApp(prefix?: string) {
  const application = await NestFactory.create(CatsModule, { logger: false });
  if (prefix) application.setGlobalPrefix(prefix);
  await application.init();
  applications.push(application);
  return application.getHttpAdapter().getInstance();
}

describe.each(orders)('NestJS, app made %s init', (order) => {
  test('routes of controllers', async () => {
    const { request, captured } = await serve(order, () => nestApp());
    expect(await request('/cats')).toMatchObject({ status: 200, text: '["tom"]', route: '/cats' });
    expect(await request('/cats/tom')).toMatchObject({ status: 200, route: '/cats/:name' });
    expect((await request('/cats', { method: 'POST' })).span.name).toBe('POST /cats');
    expect(await request('/dogs/rex')).toMatchObject({ status: 404, route: undefined });
    expect(await captured.metrics()).toContain('http_route="/cats/:name"');
  });

  test('a global prefix', async () => {
    const { request } = await serve(order, () => nestApp('api/v1'));
    expect((await request('/api/v1/cats/tom')).route).toBe('/api/v1/cats/:name');
    expect((await request('/api/v1/cats')).route).toBe('/api/v1/cats');
    expect(await request('/elsewhere')).toMatchObject({ status: 404, route: undefined });
    // NestJS answers for unknown paths below the prefix by a route of its own.
    const routes = [await request('/api/v1/dogs/1'), await request('/api/v1/dogs/2')].map(
      ({ route }) => route,
    );
    expect(new Set(routes).size).toBe(1);
  });

  test('exceptions keep the route', async () => {
    const { request } = await serve(order, () => nestApp());
    const http = await request('/cats/nobody');
    expect(http).toMatchObject({ status: 404, route: '/cats/:name' });
    expect(http.span.attributes['error.type']).toBe(undefined);
    const plain = await request('/cats/broken');
    expect(plain).toMatchObject({ status: 500, route: '/cats/:name' });
    // NestJS turns exceptions into answers before Express sees them.
    expect(plain.span.attributes['error.type']).toBe('500');
  });
});
