import { describe, expect, it } from 'vitest';
import type { Update } from './pageTypes.js';
import { eventId, eventText, isEmpty, versionOf } from './updateStream.js';
import { Versioned } from './versioned.js';

const NONE: Update = { whole: false, now: '', rows: [], gone: [], trouble: '', readAt: null, requests: [] };

describe('an event', () => {
  it('has an id that says what the page has got', () => expect(versionOf(eventId(42))).toBe(42));

  it('of another process, or a wrong id, means that everything is sent', () => {
    for (const id of [undefined, '', 'x', '.', 'x.1', `${eventId(1)}x`, eventId(1, 'other'), eventId(-1)])
      expect(versionOf(id)).toBe(0);
  });

  it('is one line of data, whatever is in it', () => {
    const text = eventText({ ...NONE, trouble: 'one\ntwo\r\n\r\nevent: fake\u2028' }, 7);
    expect(text.split('\n')).toHaveLength(5);
    expect(text.endsWith('\n\n')).toBe(true);
    expect(text).not.toContain('\r');
  });

  it('is not sent when it says nothing', () => {
    expect(isEmpty(NONE)).toBe(true);
    expect(isEmpty({ ...NONE, whole: true })).toBe(false);
    expect(isEmpty({ ...NONE, gone: ['a'] })).toBe(false);
    expect(isEmpty({ ...NONE, detail: null })).toBe(false);
  });
});

describe('what has changed', () => {
  it('is what is newer than a version, and what is gone', () => {
    const rows = new Versioned<{ n: number }>();
    rows.replace(
      new Map([
        ['a', { n: 1 }],
        ['b', { n: 1 }],
      ]),
      1,
    );
    rows.replace(
      new Map([
        ['a', { n: 1 }],
        ['c', { n: 3 }],
      ]),
      2,
    );
    expect(rows.after(0)).toEqual([{ n: 1 }, { n: 3 }]);
    expect(rows.after(1)).toEqual([{ n: 3 }]);
    expect(rows.goneAfter(1)).toEqual(['b']);
    expect(rows.goneAfter(2)).toEqual([]);
    rows.replace(new Map([['b', { n: 1 }]]), 3);
    expect(rows.after(2)).toEqual([{ n: 1 }]);
    expect(rows.goneAfter(2)).toEqual(['a', 'c']);
  });

  it('is kept of the latest names only, where there would be ever more', () => {
    const rows = new Versioned<number>();
    for (let n = 0; n < 5; n++) rows.set(`r${n}`, n, n + 1);
    rows.keepLatest(2);
    expect(rows.after(0)).toEqual([3, 4]);
  });
});
