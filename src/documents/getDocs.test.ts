import { describe, expect, it } from 'vitest';
import type { DocumentKey } from '../cluster/documents/multiGet.js';
import { TwindexError } from '../errors.js';
import { getForCertain } from './getDocs.js';

const KEYS: DocumentKey[] = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, routing: undefined }));

const answerOf = (keys: readonly DocumentKey[]): Buffer =>
  Buffer.from(
    JSON.stringify({
      docs: keys.map(({ id }) => ({
        _index: 'i',
        _id: id,
        _version: 1,
        _seq_no: 0,
        _primary_term: 1,
        found: true,
        _source: { id },
      })),
    }),
  );

/** An engine that refuses answers with more documents than this. */
function limitedTo(most: number) {
  const asked: number[] = [];
  const ask = async (keys: readonly DocumentKey[]): Promise<Buffer> => {
    asked.push(keys.length);
    if (keys.length > most) throw new TwindexError('too_large', 'too large');
    return answerOf(keys);
  };
  return { asked, ask };
}

describe('documents whose answer is too large', () => {
  it('are asked for in parts, and come in the order of the keys', async () => {
    const { asked, ask } = limitedTo(2);
    const docs = await getForCertain('i', KEYS, ask);
    expect(docs.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(asked).toEqual([5, 3, 2, 1, 2]);
  });

  it('are an error when one of them alone is too large', async () => {
    const { ask } = limitedTo(0);
    await expect(getForCertain('i', KEYS, ask)).rejects.toMatchObject({ code: 'too_large' });
  });
});
