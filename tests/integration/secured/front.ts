// A front before the engine that does what its security would do: it asks for a user and a password, and refuses each request
// for which the user's role lacks a right. The engines of the tests have no security.
import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { eventually } from '../../eventually.js';
import { type FrontRequest, type Interception, startFront } from '../../front.js';
import { engineName, engineUrls } from '../engine.js';
import { needsOf } from './actions.js';
import type { Names, Role } from './roles.js';

interface Refused {
  readonly user: string;
  readonly request: string;
  /** The right that was missing. */
  readonly missing: string;
}

interface User {
  readonly password: string;
  readonly role: Role;
}

/** Names may be this old when a request is let through. A request is refused only by names that were read after it came. */
const NAMES_MS = 100;

export class SecuredFront {
  url = '';
  readonly refused: Refused[] = [];
  /** Each request that was let through, as `USER METHOD PATH`. */
  readonly passed: string[] = [];
  readonly #users = new Map<string, User>();
  #names: { readonly at: number; readonly names: Promise<Names> } | undefined;

  /** Closed when the test ends. */
  static async open(): Promise<SecuredFront> {
    const front = new SecuredFront();
    const server = await startFront({
      upstream: engineUrls[0],
      intercept: async (request) => {
        try {
          return await front.#check(request);
        } catch (error) {
          return refusal(500, String(error));
        }
      },
    });
    onTestFinished(() => server.close());
    front.url = server.url;
    return front;
  }

  add(name: string, password: string, role: Role): void {
    this.#users.set(name, { password, role });
  }

  async #check({ method, path, headers, body }: FrontRequest): Promise<Interception | undefined> {
    const cameAt = performance.now();
    const name = this.#userOf(headers.authorization);
    const { pathname } = new URL(path, this.url);
    const what = `${method} ${decodeURIComponent(pathname)}`;
    if (name === undefined) return refusal(401, `missing authentication credentials for ${what}`);
    const segments = pathname.slice(1).split('/').map(decodeURIComponent);
    const text = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const needs = needsOf({ method, segments, body: text.toString() }, engineName);
    const { role } = this.#users.get(name) as User;
    const missing =
      role.missing(needs, await this.#namesSince(cameAt - NAMES_MS)) &&
      role.missing(needs, await this.#namesSince(cameAt));
    if (missing === undefined) {
      this.passed.push(`${name} ${what}`);
      return undefined;
    }
    this.refused.push({ user: name, request: what, missing });
    return refusal(403, `action [${missing}] is unauthorized for user [${name}]`);
  }

  #userOf(header = ''): string | undefined {
    const [name = '', password] = Buffer.from(header.replace(/^Basic /i, ''), 'base64')
      .toString()
      .split(':');
    const user = this.#users.get(name);
    return user && user.password === password ? name : undefined;
  }

  #namesSince(time: number): Promise<Names> {
    if (!this.#names || this.#names.at < time) this.#names = { at: performance.now(), names: readNames() };
    return this.#names.names;
  }
}

async function readNames(): Promise<Names> {
  // The engine refuses it when another test deletes an index meanwhile.
  const ask = async (): Promise<Record<string, { aliases: object }> | undefined> => {
    const answer = await fetch(`${engineUrls[0]}/_all/_alias?expand_wildcards=all`);
    return answer.ok ? ((await answer.json()) as Record<string, { aliases: object }>) : undefined;
  };
  const found = await eventually('the aliases of the engine are read', ask, 30_000);
  return {
    indexes: new Map(Object.entries(found).map(([index, { aliases }]) => [index, Object.keys(aliases)])),
  };
}

function refusal(status: number, reason: string): Interception {
  const cause = { type: 'security_exception', reason };
  const headers = {
    'content-type': 'application/json',
    ...(engineName === 'elasticsearch' ? { 'x-elastic-product': 'Elasticsearch' } : {}),
  };
  return {
    type: 'answer',
    status,
    headers,
    body: JSON.stringify({ error: { root_cause: [cause], ...cause }, status }),
  };
}
