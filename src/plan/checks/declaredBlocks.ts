// Check: the index file must not declare blocks, since twindex sets and removes blocks itself.
import type { JsonObject } from '../../json/jsonTypes.js';
import type { Check, Finding } from './check.js';
import { settingsByName } from './readSetting.js';

export const checkDeclaredBlocks: Check = ({ definition: { file, settings } }) =>
  Promise.resolve(declaredBlockFindings(file, settings));

function declaredBlockFindings(file: string, settings: JsonObject): Finding[] {
  return Object.entries(settingsByName(settings))
    .filter(([name, value]) => name.startsWith('index.blocks.') && value !== 'false')
    .map(([name]) => ({
      check: 'declared-blocks',
      level: 'block',
      message:
        `${file}: settings.${name.slice('index.'.length)}: twindex does not set blocks from an index file. A new index with a block ` +
        'could not be filled, and a live index with a block would refuse requests. Remove the block from the file, and set it ' +
        `when the migration is over: PUT /<index>/_settings {"${name}":true}.`,
    }));
}
