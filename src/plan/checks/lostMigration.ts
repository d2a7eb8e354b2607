// A migration that the journal has lost must not be taken for none: its indexes are in use.
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
