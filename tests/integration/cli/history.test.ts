import { describe, expect, it } from 'vitest';
import { liveProject, printed, Project } from './project.js';

const MIGRATE = ['migrate', 'NAME', '--yes', '--until', 'finalized', '--grace', '300ms'] as const;

interface HistoryText {
  readonly migrations: {
    readonly from: string;
    readonly to: string;
    readonly phase: string;
    readonly endedAt: string | null;
    readonly entries: {
      readonly what: string;
      readonly by: string;
      readonly why: string;
      readonly evidence: object;
    }[];
  }[];
}

describe('history', () => {
  it('shows all migrations of a name, also when none is under way, oldest first', async () => {
    const project = await liveProject();
    await project.declare(2, { properties: { price: { type: 'double' } } });
    expect((await project.run(...MIGRATE)).code).toBe(0);
    await project.declare(3, { properties: { price: { type: 'keyword' } } });
    expect((await project.run(...MIGRATE, '--until', 'ready', '--no-stay')).code).toBe(0);

    const { code, stdout } = await project.run('history', 'NAME');
    expect(code).toBe(0);
    const [first = '', second = ''] = stdout.split('\n\n');
    expect(first).toMatch(
      /^NAME-v1 -> NAME-v2: finalized\n {2}begun {3}20\S+ by \S+@\S+\n {2}ended {3}20\S+\n/,
    );
    expect(first).toMatch(
      / {2}holding -> settling {2}\(goal: finalized\) {2}1 compared, 0 different, 0 repaired, 0 rejected {2}by \S+@\S+, twindex \d/,
    );
    expect(second).toMatch(/^NAME-v2 -> NAME-v3: ready\n.*\n {2}ended {3}not yet\n/);

    expect((await project.run('abort', 'NAME')).code).toBe(0);
    const { migrations } = JSON.parse(
      (await project.runProcess('history', 'NAME', '--json')).stdout,
    ) as HistoryText;
    expect(migrations).toMatchObject([
      { from: 'NAME-v1', to: 'NAME-v2', phase: 'finalized' },
      { from: 'NAME-v2', to: 'NAME-v3', phase: 'aborted' },
    ]);
    const entries = migrations[1]?.entries ?? [];
    expect(entries[0]).toMatchObject({
      what: expect.stringContaining('begun: NAME-v2 -> NAME-v3') as string,
    });
    expect(entries.map(({ what }) => what)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^abort \(requested by .+@.+\)$/),
        'mirroring -> aborting',
      ]),
    );
    expect(migrations[1]?.endedAt).not.toBeNull();
  });

  it('of a name that was never migrated is an error that says so', async () => {
    const project = await Project.create();
    expect(await project.run('history', 'NAME')).toMatchObject({
      code: 1,
      stderr: printed(
        'not_found',
        'NAME was never migrated, according to the journal of this cluster. See: twindex status',
      ),
    });
  });
});
