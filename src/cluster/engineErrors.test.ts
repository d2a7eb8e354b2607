import { describe, expect, it } from 'vitest';
import type { Answer } from './request.js';
import { isPassing, toTwindexError } from './engineErrors.js';

const answer = (status: number, type: string): Answer => ({
  status,
  headers: {},
  body: Buffer.from(JSON.stringify({ error: { type, reason: 'r' } })),
});
const request = { method: 'GET', path: '/_tasks/n:1' } as const;

describe('an error response', () => {
  it.each([
    [500, 'node_not_connected_exception', true, 'overloaded'],
    [500, 'node_disconnected_exception', true, 'overloaded'],
    [500, 'illegal_state_exception', false, 'failed'],
    [503, 'search_phase_execution_exception', true, 'overloaded'],
    [429, 'circuit_breaking_exception', true, 'overloaded'],
    [404, 'resource_not_found_exception', false, 'not_found'],
    [400, 'node_not_connected_exception', false, 'rejected'],
  ])('%i %s: passing is %s, and it is called %s', (status, type, passing, code) => {
    expect(isPassing(answer(status, type))).toBe(passing);
    expect(toTwindexError(request, answer(status, type)).code).toBe(code);
  });
});

it('a closed index is named, with how to open it', () => {
  const body = Buffer.from(
    '{"error":{"root_cause":[{"type":"index_closed_exception","reason":"closed","index":"a-v1","index_uuid":"x"}],' +
      '"type":"index_closed_exception","reason":"closed","index":"a-v1"},"status":400}',
  );
  const error = toTwindexError({ method: 'GET', path: '/a/_doc/1' }, { status: 400, headers: {}, body });
  expect(error.code).toBe('rejected');
  expect(error.message).toContain('closed. Open it (POST /a-v1/_open), and run the command again.');
});
