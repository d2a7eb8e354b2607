// The token that steering needs, read from a file. The file is read again for each check, so that a new token
// is valid at once.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { messageOf, TwindexError } from '../errors.js';

/** Shorter tokens are refused, since they could be guessed. */
const LEAST_LENGTH = 16;
const MOST_LENGTH = 1_024;

export class TokenFile {
  readonly #file: string;
  /** For digests of tokens. All digests have the same length, so their comparison always takes the same time. */
  readonly #key = randomBytes(32);

  private constructor(file: string) {
    this.#file = file;
  }

  /** @throws TwindexError `usage` if the file has no token */
  static async open(file: string): Promise<TokenFile> {
    const opened = new TokenFile(file);
    await opened.#read();
    return opened;
  }

  /** @param authorization the header of a request: `Bearer TOKEN` @throws TwindexError `usage` */
  async accepts(authorization: string | undefined): Promise<boolean> {
    const [, given] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    const token = await this.#read();
    return given !== undefined && timingSafeEqual(this.#digest(given), this.#digest(token));
  }

  #digest(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }

  async #read(): Promise<string> {
    const token = (await this.#text()).trim();
    const problem = problemOf(token);
    if (problem === undefined) return token;
    throw new TwindexError('usage', `--token-file: ${this.#file} ${problem}`, {
      hint: `Create a token with: openssl rand -hex 32 > ${this.#file}`,
    });
  }

  async #text(): Promise<string> {
    try {
      return await readFile(this.#file, 'utf8');
    } catch (error) {
      throw new TwindexError('usage', `--token-file: the file can't be read (${messageOf(error)})`, {
        cause: error,
      });
    }
  }
}

/** @returns what is wrong with a token, without the token itself */
function problemOf(token: string): string | undefined {
  if (token.length < LEAST_LENGTH) return `has a token of fewer than ${LEAST_LENGTH} characters`;
  if (token.length > MOST_LENGTH) return `has a token of more than ${MOST_LENGTH} characters`;
  return /^[\x21-\x7e]+$/.test(token)
    ? undefined
    : 'has more than one line, or characters that a header cannot carry';
}
