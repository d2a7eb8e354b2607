import { Command } from 'commander';
import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../api/executePlan.js';
import type { Cli } from './cli.js';
import { registerMigrate } from './commands/migrate.js';
import { type MigrateFlags, settingsOf } from './migrateFlags.js';

test('without options, the command has the settings that `migrate` of createTwindex has', () => {
  const command = new Command('migrate');
  registerMigrate(command, {
    action:
      (body) =>
      async (...args) =>
        void (await body(...args)),
  } as Cli);
  const { throttle, ...settings } = settingsOf(command.opts<MigrateFlags>());
  expect(Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))).toEqual(
    DEFAULT_SETTINGS,
  );
  expect(throttle).toEqual({});
});
