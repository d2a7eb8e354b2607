// Finds files of this package that the program reads or starts.
import { existsSync } from 'node:fs';

/** @param path from the root of the package, such as `schemas/commands.json` */
export function packageFile(path: string): URL {
  return new URL(path, packageRoot());
}

/** The nearest folder above this module that has a package.json. The build puts the module into another folder. */
function packageRoot(): URL {
  let folder = new URL('.', import.meta.url);
  while (!existsSync(new URL('package.json', folder)) && folder.pathname !== '/')
    folder = new URL('..', folder);
  return folder;
}
