// Which writes of a client count as those of a client that the engine has let write before.
import { expect, it } from 'vitest';
import type { Write } from '../request/clientRequest.js';
import { ClientRights } from './clientRights.js';
import { parseDocumentReply } from './documentReply.js';

const WRITE: Write = {
  action: 'delete',
  name: 'books',
  clientIndex: 'books-write',
  id: '1',
  routing: undefined,
  version: undefined,
  body: undefined,
  params: {},
};

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
}

/** @returns how often the engine was asked, for each write */
async function asks(...writes: readonly Sent[]): Promise<readonly number[]> {
  const rights = new ClientRights(true);
  const reply = parseDocumentReply(409, Buffer.from('{}'));
  const counts: number[] = [];
  for (const { headers = {}, params = {} } of writes) {
    let asked = 0;
    await rights.refusal({ headers, alias: 'twindex.books.Write.1', write: { ...WRITE, params } }, () => {
      asked++;
      return Promise.resolve({ type: 'answered', reply, headers: {} });
    });
    counts.push(asked);
  }
  return counts;
}

it('a client is asked for once, whatever it writes', async () => {
  const headers = { authorization: 'ApiKey mine', 'x-forwarded-for': '10.0.0.1', 'x-opaque-id': '7' };
  const second = {
    headers: { ...headers, 'x-opaque-id': '8' },
    params: { if_seq_no: '2', if_primary_term: '1' },
  };
  expect(await asks({ headers, params: { if_seq_no: '1' } }, second)).toEqual([1, 0]);
});

it('the question has no version of the write', async () => {
  const sent: unknown[] = [];
  const write = { ...WRITE, params: { version: '1', version_type: 'internal', jwt: 'mine' } };
  await new ClientRights(true).refusal({ headers: {}, alias: 'twindex.books.Write.1', write }, (asked) => {
    sent.push(asked.params);
    return Promise.resolve({
      type: 'answered',
      reply: parseDocumentReply(409, Buffer.from('{}')),
      headers: {},
    });
  });
  expect(sent).toEqual([{ jwt: 'mine' }]);
});

it.each<[string, Sent, Sent]>([
  [
    'authorization',
    { headers: { authorization: 'ApiKey mine' } },
    { headers: { authorization: 'ApiKey yours' } },
  ],
  ['address', { headers: { 'x-forwarded-for': '10.0.0.1' } }, { headers: { 'x-forwarded-for': '10.0.0.2' } }],
  ['token in the URL', { params: { jwt: 'mine' } }, { params: { jwt: 'yours' } }],
  ['token in the URL of one of them only', { params: { jwt: 'mine' } }, {}],
])('a client with another %s is asked for again', async (_, one, other) => {
  expect(await asks(one, other)).toEqual([1, 1]);
});
