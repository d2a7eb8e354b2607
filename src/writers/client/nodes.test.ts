import { describe, expect, it } from 'vitest';
import { NotSentError, UnansweredError } from '../mirror/request/upstream.js';
import type { Call, Dialect } from './dialect.js';
import { type Nodes, sendToSomeNode } from './nodes.js';
import type { Connection, Transport } from './officialClient.js';

const CALL: Call = {
  params: { method: 'PUT', path: '/a/_doc/1' },
  timeoutMs: undefined,
  options: undefined,
  signal: undefined,
};

interface Stub extends Nodes {
  readonly asked: readonly string[];
  readonly marks: readonly string[];
}

/** Makes one node for each entry, which answers or fails with the error. */
function nodesThat(...outcomes: readonly (Error | 'answers')[]): Stub {
  const asked: string[] = [];
  const marks: string[] = [];
  const connections = outcomes.map((_, n) => ({ id: `n${n}` }) as Connection);
  let turn = 0;
  const dialect: Pick<Dialect, 'send'> = {
    async send({ id }) {
      asked.push(id);
      const outcome = outcomes[Number(id.slice(1))];
      if (outcome instanceof Error) throw outcome;
      return { status: 200, headers: {}, body: Buffer.from(id) };
    },
  };
  const connectionPool = {
    size: connections.length,
    connections,
    markAlive: ({ id }: Connection) => marks.push(`${id} alive`),
    markDead: ({ id }: Connection) => marks.push(`${id} dead`),
  };
  return {
    transport: { connectionPool } as unknown as Transport,
    dialect: dialect as Dialect,
    next: () => connections[turn++ % connections.length] ?? null,
    asked,
    marks,
  };
}

const failing = (message: string, name = 'ConnectionError'): Error =>
  Object.assign(new Error(message), { name });

describe('a request to some node', () => {
  it('goes to the next node as long as none could be connected to', async () => {
    const refused = failing('connect ECONNREFUSED 127.0.0.1:9');
    const nodes = nodesThat(refused, failing('getaddrinfo ENOTFOUND nowhere'), 'answers');
    expect((await sendToSomeNode(nodes, CALL)).body.toString()).toBe('n2');
    expect(nodes.marks).toEqual(['n0 dead', 'n1 dead', 'n2 alive']);
  });

  it('is reported as not sent when every node was tried once', async () => {
    const last = failing('Connect Timeout Error (timeout: 10000ms)');
    const nodes = nodesThat(failing('connect EHOSTUNREACH 10.0.0.1:9200'), last);
    await expect(sendToSomeNode(nodes, CALL)).rejects.toThrow(NotSentError);
    expect(nodes.asked).toEqual(['n0', 'n1']);
    await expect(sendToSomeNode(nodes, CALL)).rejects.toMatchObject({ cause: last });
  });

  it('is reported as not sent where there is no node', async () => {
    await expect(sendToSomeNode({ ...nodesThat(), next: () => null }, CALL)).rejects.toThrow(NotSentError);
  });

  it.each([
    failing('read ECONNRESET'),
    failing('socket hang up'),
    failing('write EPIPE'),
    failing('other side closed - Local: 127.0.0.1:1, Remote: 127.0.0.1:2'),
    failing(''),
    failing('Request timed out', 'TimeoutError'),
    failing('connect ECONNREFUSED 127.0.0.1:9', 'TimeoutError'),
    failing('the answer says: connect ECONNREFUSED 127.0.0.1:9'),
  ])('is sent once when its outcome is not known: $message', async (error) => {
    const nodes = nodesThat(error, 'answers');
    const sending = sendToSomeNode(nodes, CALL);
    await expect(sending).rejects.toThrow(UnansweredError);
    await expect(sending).rejects.toMatchObject({ cause: error });
    expect(nodes.asked).toEqual(['n0']);
  });
});
