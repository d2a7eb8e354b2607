// `twindex rejected`: looked at, tried again, corrected, left out.
import { describe, expect, it } from 'vitest';
import { migrateMeanwhile, sourceOf, write } from './migrating.js';
import { liveProject, type Project } from './project.js';

const AFTER = { properties: { price: { type: 'double' } } };

interface Listed {
  readonly id: string;
  readonly reason: string;
  readonly leftOut: boolean;
}

async function listed(project: Project): Promise<Listed[]> {
  const { stdout } = await project.run('rejected', 'NAME', '--json');
  return (JSON.parse(stdout) as { rejected: Listed[] }).rejected;
}

/** A migration that waits, since these documents are rejected. */
async function held(...ids: string[]): Promise<Project> {
  const project = await liveProject();
  for (const id of ids) await write(`${project.name}-write`, id, { price: 'cheap' });
  await project.declare(2, AFTER);
  migrateMeanwhile(project);
  const found = async () => {
    const { stdout } = await project.run('status', 'NAME', '--json');
    const { migrations } = JSON.parse(stdout) as { migrations: { rejected: { count: number } }[] };
    return migrations[0]?.rejected.count ?? 0;
  };
  await expect.poll(found, { timeout: 60_000, interval: 500 }).toBe(ids.length);
  // tried again once, so that it is the coordinator in sync that rejects them
  const before = await project.run('rejected', 'NAME', 'replay');
  expect(before.code).toBe(1);
  return project;
}

describe('rejected', () => {
  it('shows a document and what is made of it, and takes a corrected one', async () => {
    const project = await held('wrong');
    const target = `${project.name}-v2`;
    expect(await listed(project)).toMatchObject([
      { id: 'wrong', reason: expect.stringMatching(/price/) as string, leftOut: false },
    ]);
    const shown = await project.run('rejected', 'NAME', 'show', 'wrong', '--json');
    expect(JSON.parse(shown.stdout)).toMatchObject({
      id: 'wrong',
      routing: null,
      document: { price: 'cheap' },
      becomes: { price: 'cheap' },
    });
    const replayed = await project.run('rejected', 'NAME', 'replay', 'wrong');
    expect(replayed).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^wrong: rejected again: .*price/) as string,
    });

    await project.write('no.json', '{"price":"dear"}');
    const refused = await project.run('rejected', 'NAME', 'edit', 'wrong', '--file', 'no.json');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /NAME-v2 would reject this document as well: .*price.*Nothing was changed/,
    );
    expect(await sourceOf(`${project.name}-v1`, 'wrong')).toEqual({ price: 'cheap' });

    await project.write('yes.json', '{"price":"7.5"}');
    const edited = await project.run('rejected', 'NAME', 'edit', 'wrong', '--file', 'yes.json');
    expect(edited).toMatchObject({ code: 0, stdout: 'wrong: taken\n' });
    expect(await sourceOf(target, 'wrong')).toEqual({ price: '7.5' });
    expect(await project.run('rejected', 'NAME')).toMatchObject({
      stdout: 'no document of NAME is rejected\n',
    });
  });

  it('leaves out what it is told to, one by one, and no older state of it stays', async () => {
    const project = await held('wrong', 'worse');
    const target = `${project.name}-v2`;
    await write(`${project.name}-write`, '1', { price: 'not any more' });
    await expect.poll(async () => (await listed(project)).length, { timeout: 20_000 }).toBe(3);
    expect(await sourceOf(target, '1')).toEqual({ price: '1' });

    const unasked = await project.run('rejected', 'NAME', 'drop', 'wrong');
    expect(unasked).toMatchObject({ code: 1, stderr: expect.stringContaining('Add --yes') as string });
    const dropped = await project.run('rejected', 'NAME', 'drop', 'wrong', '1', '--yes');
    expect(dropped).toMatchObject({ code: 0, stdout: 'NAME: 2 documents left out of NAME-v2\n' });
    await expect.poll(() => sourceOf(target, '1'), { timeout: 20_000 }).toBe(undefined);
    const left = (await listed(project)).filter(({ leftOut }) => !leftOut).map(({ id }) => id);
    expect(left).toEqual(['worse']);

    await project.run('rejected', 'NAME', 'drop', '--all', '--yes');
    const cutover = await project.run('cutover', 'NAME');
    expect(cutover).toMatchObject({ code: 0, stdout: expect.stringContaining('NAME: cutover') as string });
    expect(await sourceOf(target, 'worse')).toBe(undefined);
    const switched = await project.run('switch', 'NAME');
    expect(switched.code).toBe(0);
  });

  it('says what it does not know', async () => {
    const project = await liveProject();
    expect((await project.run('rejected', 'NAME')).stderr).toContain('no migration of NAME is known');
    expect((await project.run('rejected', 'NAME', 'retry')).stderr).toContain(
      '"retry" is not one of list, show',
    );
  });
});
