// First operations that are not answered, or not sent: what is sent again, and what its client is told.
import { describe, expect, it } from 'vitest';
import {
  NotSentError,
  UnansweredError,
  type UpstreamReply,
  type UpstreamRequest,
} from '../../../src/writers/mirror/request/upstream.js';
import { testCluster } from '../engine.js';
import { Direct, Stage } from './stage.js';

/** Loses requests on their way there, or answers on their way back. */
class Lossy extends Direct {
  readonly #losses: ('notSent' | 'answer' | undefined)[];

  constructor(...losses: ('notSent' | 'answer' | undefined)[]) {
    super();
    this.#losses = losses;
  }

  override async send(request: UpstreamRequest): Promise<UpstreamReply> {
    const loss = this.#losses.shift();
    if (loss === 'notSent') throw new NotSentError('no connection');
    const reply = await super.send(request);
    if (loss === 'answer') throw new UnansweredError('reset');
    return reply;
  }
}

describe('a first operation whose outcome is not known', () => {
  it('is sent again when it creates a document under an id of its own', async () => {
    const stage = await Stage.set(await testCluster());
    const writer = await stage.writer({}, new Lossy('answer'));
    const { write } = stage.definition.aliases;
    const post = await writer.send('POST', `/${write}/_doc`, { n: 1 });
    expect(post.status).toBe(201);
    expect(post.json).toMatchObject({ _index: stage.source, result: 'created', _seq_no: 0 });
    const expected = { [post.json._id]: { n: 1 } };
    expect(await stage.documents(stage.source)).toEqual(expected);
    expect(await stage.documents(stage.target)).toEqual(expected);
  });

  it('is sent again as a bulk when all of it does', async () => {
    const stage = await Stage.set(await testCluster());
    const writer = await stage.writer({}, new Lossy('answer'));
    const { write } = stage.definition.aliases;
    const { items, json } = await writer.bulk(`/${write}/_bulk`, [
      { index: {} },
      { n: 1 },
      { create: {} },
      { n: 2 },
    ]);
    expect(json.errors).toBe(false);
    expect(items.map(({ status }) => status)).toEqual([201, 201]);
    const expected = { [items[0]?._id ?? '']: { n: 1 }, [items[1]?._id ?? '']: { n: 2 } };
    expect(await stage.documents(stage.source)).toEqual(expected);
    expect(await stage.documents(stage.target)).toEqual(expected);
  });

  it('is not sent again otherwise: its client is told, and following brings it', async () => {
    const stage = await Stage.set(await testCluster());
    const upstream = new Lossy('answer', 'answer');
    const writer = await stage.writer({}, upstream);
    const { write } = stage.definition.aliases;
    const put = await writer.send('PUT', `/${write}/_doc/a`, { n: 1 });
    expect(put.status).toBe(504);
    expect(put.json.error.root_cause[0]?.type).toBe('twindex_unanswered');
    const { status } = await writer.bulk(`/${write}/_bulk`, [
      { index: {} },
      { n: 1 },
      { delete: { _id: 'a' } },
    ]);
    expect(status).toBe(504);
    expect(upstream.requests).toHaveLength(2);
    expect(await stage.documents(stage.target)).toEqual({});
    expect((await stage.ledger()).map(({ id }) => id)).toEqual(['a']);
    await stage.follow();
    expect(await stage.documents(stage.target)).toEqual(await stage.documents(stage.source));
  });

  it('is sent again when it was certainly not sent', async () => {
    const stage = await Stage.set(await testCluster());
    const writer = await stage.writer({}, new Lossy('notSent', 'notSent'));
    const put = await writer.send('PUT', `/${stage.definition.aliases.write}/_doc/a`, { n: 1 });
    expect(put.status).toBe(201);
  });
});
