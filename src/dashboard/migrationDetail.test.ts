import { describe, expect, it, test } from 'vitest';
import { NOW, STATUSES } from '../../tests/golden/scenes.js';
import { detailOf, timelineOf } from './migrationDetail.js';
import { rowOf } from './overviewRow.js';

const now = Date.parse(NOW);
const scenes = Object.entries(STATUSES);

test.each(scenes)('%s: the detail is plain JSON, and its row is that of the list', (_, status) => {
  const detail = detailOf(status, now);
  expect(JSON.parse(JSON.stringify(detail))).toEqual(detail);
  expect(detail.row).toMatchObject({ name: status.name, phase: status.phase });
  expect(rowOf(status, now)).toMatchObject({ name: status.name, readers: detail[detail.readers].index });
});

describe('a row', () => {
  const row = (scene: string) => rowOf(STATUSES[scene] as (typeof STATUSES)[string], now);

  it('of a copy has percentage, rate and time left', () =>
    expect(row('status copying')).toMatchObject({
      group: 'working',
      percent: 41,
      rate: 8_123,
      etaMs: 8_700,
      attention: '',
    }));

  it('of a dead coordinator needs somebody, and shows no rate', () =>
    expect(row('status of a copy whose coordinator was killed')).toMatchObject({
      group: 'needsYou',
      attention: 'nobody coordinates',
      rate: null,
      etaMs: null,
    }));

  it('of one that waits names the next command', () =>
    expect(row('status ready')).toMatchObject({ group: 'rests', next: 'twindex cutover catalogue' }));
});

describe('the timeline', () => {
  const at = (minute: number): string => `2026-03-02T11:0${minute}:00.000Z`;
  const entry = (minute: number, what: string) => ({ at: at(minute), what });

  it('has each state with its beginning and its end, and the present one without an end', () => {
    const history = [
      entry(0, 'begun: a-v1 -> a-v2, route client'),
      entry(1, 'creating -> copying'),
      entry(2, 'resumed'),
      entry(3, 'copying -> restoring'),
    ];
    expect(timelineOf({ history, state: 'restoring', startedAt: at(0) })).toEqual([
      { state: 'creating', from: at(0), to: at(1) },
      { state: 'copying', from: at(1), to: at(3) },
      { state: 'restoring', from: at(3), to: null },
    ]);
  });

  it('of one that is over ends with its last step', () =>
    expect(
      timelineOf({ history: [entry(1, 'aborting -> aborted')], state: 'aborted', startedAt: at(0) }),
    ).toEqual([{ state: 'aborting', from: at(0), to: at(1) }]));
});
