import http, { type ClientRequest, type RequestOptions, validateHeaderValue } from 'node:http';
import https from 'node:https';
import { isTracingSuppressed } from '@opentelemetry/core';
import { type Method, replaceMethod } from '../patching/replace-method.js';
import { type ClientCallSettings, isObserved, leaveUnobserved, startCall } from './client-call.js';
import { optionsIn } from './client-target.js';
import { headersAsObject } from './outgoing-headers.js';

/**
 * Observes the requests that are made by `request` and `get` of the modules `http` and `https`. The span begins where the
 * service makes the request, in its context; the trace headers are written before Node writes the head.
 *
 * @returns stops it
 */
export function observeOutgoingRequests(settings: ClientCallSettings): () => void {
  const state = { active: true };
  const restores = [http, https].flatMap((module) => {
    const request = requestFunction(module.request as Method, settings, state);
    return [
      replaceMethod(module as object, 'request', () => request),
      replaceMethod(module as object, 'get', (original: Method) => getFunction(original, request, state)),
    ];
  });
  return () => {
    state.active = false;
    for (const restore of restores) restore();
  };
}

interface State {
  readonly active: boolean;
}

function requestFunction(original: Method, settings: ClientCallSettings, state: State): Method {
  return function request(this: unknown, ...given: unknown[]) {
    if (!state.active) return Reflect.apply(original, this, given);
    const caller = settings.contextManager.active();
    if (isTracingSuppressed(caller)) {
      const unobserved = Reflect.apply(original, this, given) as ClientRequest;
      leaveUnobserved(unobserved);
      return unobserved;
    }
    const early = earlyHeadOf(given);
    const made = Reflect.apply(original, this, early?.given ?? given) as ClientRequest;
    try {
      // Another replacement may have made it out of several.
      if (!isObserved(made)) startCall(settings, made, { caller, given, hasSpan: true });
    } catch {
      // The request goes out untraced.
    }
    early?.write(made);
    return made;
  };
}

/** Node's own `get` calls Node's own `request`. */
function getFunction(original: Method, request: Method, state: State): Method {
  return function get(this: unknown, ...given: unknown[]) {
    if (!state.active) return Reflect.apply(original, this, given);
    const made = Reflect.apply(request, this, given) as ClientRequest;
    made.end();
    return made;
  };
}

/** A request whose head Node would write at once, so that no trace header could be added. */
interface EarlyHead {
  readonly given: readonly unknown[];
  write(request: ClientRequest): void;
}

/** Headers as a list, and those with `Expect`. Node writes the head of such a request when it is made. */
function earlyHeadOf(given: readonly unknown[]): EarlyHead | undefined {
  try {
    const options = optionsIn(given);
    const written = options?.headers;
    if (options === undefined || typeof written !== 'object' || written === null) return undefined;
    const isList = Array.isArray(written);
    const headers = isList ? headersAsObject(written) : written;
    // Node refuses such a list, and shall be the one to say so.
    if (headers === undefined) return undefined;
    const expect = Object.keys(headers).find(isExpect);
    if (!isList && expect === undefined) return undefined;
    const kept: Record<string, unknown> = { ...headers };
    const expected = expect === undefined ? undefined : (kept[expect] as string);
    if (expect !== undefined) {
      validateHeaderValue(expect, expected as string);
      delete kept[expect];
    }
    const changed: RequestOptions = { ...options, headers: kept as NonNullable<RequestOptions['headers']> };
    // If the headers are a list, Node adds no Host header.
    if (isList) changed.setHost ??= false;
    return {
      given: given.map((argument) => (argument === options ? changed : argument)),
      write(request) {
        if (expect === undefined) return;
        request.setHeader(expect, expected as string);
        request.flushHeaders();
      },
    };
  } catch {
    // Node finds the same mistake, and says so.
    return undefined;
  }
}

const isExpect = (name: string) => name.length === 6 && name.toLowerCase() === 'expect';
