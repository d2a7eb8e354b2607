// Check: settings that only the engine may set have no effect in an index file, since twindex never sends
// them.
import { settingsLeftOut } from '../../schema/normaliseSettings.js';
import type { Check } from './check.js';

export const checkDeclaredSettings: Check = ({ definition: { file, settings } }) =>
  Promise.resolve(
    settingsLeftOut(settings).map((path) => ({
      check: 'declared-settings',
      level: 'warn',
      message: `${file}: settings.${path}: only the engine may set this, so twindex leaves it out. Remove it from the file.`,
    })),
  );
