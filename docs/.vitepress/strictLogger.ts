// A logger for the build: a warning is an error, so that none can come in unnoticed.
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
