// Check: declared settings that only the engine may write have no effect, since twindex never sends them.
import { settingsLeftOut } from '../../schema/normaliseSettings.js';
import type { Check } from './check.js';

export const checkDeclaredSettings: Check = ({ definition: { file, settings } }) =>
  Promise.resolve(
    settingsLeftOut(settings).map((path) => ({
      check: 'declared-settings',
      level: 'warn',
      message: `${file}: settings.${path}: only the engine may write this setting, so twindex leaves it out. Take it out of the file.`,
    })),
  );
