// Check: no migration of this name may be running that the journal has lost. A new migration would damage the
// indexes of the lost one.
import { isTwindexError, messageOf } from '../../errors.js';
import { findLost } from '../../journal/recoverRecord.js';
import type { Check } from './check.js';

export const checkLostMigration: Check = async ({ cluster, definition }) => {
  try {
    const lost = await findLost(cluster, definition.name);
    return lost?.halted ? [{ check: 'lost-migration', level: 'block', message: lost.halted.text }] : [];
  } catch (error) {
    if (!isTwindexError(error, 'unsafe')) throw error;
    return [{ check: 'lost-migration', level: 'block', message: messageOf(error) }];
  }
};
