// Check: a new migration would damage the indexes of one that is still in use but that the journal has lost.
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
