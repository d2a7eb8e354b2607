// A logger for the build of the site, in which each warning is an error.
export const strictLogger = {
  hasWarned: false,
  info: (): void => {},
  warn: refuse,
  warnOnce: refuse,
  error: (text: string): void => console.error(text),
  clearScreen: (): void => {},
  hasErrorLogged: (): boolean => false,
};

function refuse(text: string): never {
  throw new Error(`a warning of the build: ${text}`);
}
