import { describe, expect, it } from 'vitest';
import { errorReply } from './engineError.js';
import { finishReply } from './finishReply.js';

const error = errorReply({ status: 400, type: 'x', reason: '{ "y":1 }' });
const request = (url: string, headers = {}) => ({ method: 'POST', url, headers, body: undefined });

describe('finishReply', () => {
  it('prints errors as the request asks for', () => {
    for (const query of ['?pretty', '?a=b&pretty=true']) {
      const { body } = finishReply(error, request(`/_bulk${query}`));
      expect(body.toString()).toMatch(/^\{\n {2}"error" : \{\n/);
      expect(JSON.parse(body.toString())).toEqual(JSON.parse(error.body.toString()));
    }
    for (const url of ['/_bulk', '/_bulk?pretty=false', '/pretty/_bulk?a=pretty'])
      expect(finishReply(error, request(url))).toEqual(error);
  });

  it('leaves bodies that are pretty-printed already, and bodies that are not JSON', () => {
    const pretty = finishReply(error, request('/_bulk?pretty'));
    expect(finishReply(pretty, request('/_bulk?pretty'))).toEqual(pretty);
    const text = { ...error, headers: { 'content-type': 'text/plain' } };
    expect(finishReply(text, request('/_bulk?pretty'))).toEqual(text);
  });

  it('returns the id that the client has sent', () => {
    const { headers } = finishReply(error, request('/_bulk', { 'x-opaque-id': 'me' }));
    expect(headers['x-opaque-id']).toBe('me');
  });
});
