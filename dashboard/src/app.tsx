// The whole page: chooses the view that the address names, and shows the state of the connection to the server.
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useReducer, useState } from 'preact/hooks';
import type { About, Update } from '../../src/dashboard/pageTypes.js';
import { nameIn } from './address.js';
import { type Link, getAbout, openStream, token } from './connection.js';
import { clock } from './format.js';
import { ListView } from './listView.js';
import { MigrationView } from './migrationView.js';
import { type Known, NOTHING, updated } from './state.js';
import { TokenForm } from './tokenForm.js';

function useAddress(): string | undefined {
  const [name, setName] = useState(() => nameIn(location.hash));
  useEffect(() => {
    const changed = (): void => {
      setName(nameIn(location.hash));
      scrollTo(0, 0);
      // so that a screen reader continues at the new view
      document.querySelector<HTMLElement>('#main')?.focus({ preventScroll: true });
    };
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return name;
}

function useKnown(name: string | undefined, opened: number): { readonly known: Known; readonly link: Link } {
  const [known, update] = useReducer(
    (before: Known, change: Update | 'forget') =>
      change === 'forget' ? NOTHING : updated(before, change, Date.now()),
    NOTHING,
  );
  const [link, setLink] = useState<Link>('connecting');
  useEffect(() => {
    update('forget');
    return openStream(name, { onUpdate: update, onLink: setLink });
  }, [name, opened]);
  return { known, link };
}

/** The server's time, updated every second. */
function useNow(clockMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now + clockMs;
}

export function App() {
  const name = useAddress();
  const [about, setAbout] = useState<About>();
  const [opened, reopen] = useReducer((n: number) => n + 1, 0);
  const { known, link } = useKnown(name, opened);
  const now = useNow(known.clockMs);
  useEffect(() => {
    if (link === 'live' || link === 'denied') getAbout().then(setAbout, () => undefined);
  }, [link]);
  useEffect(() => {
    document.title = name === undefined ? 'Migrations – twindex' : `${name} – twindex`;
  }, [name]);
  const [asksToken, setAsksToken] = useState(false);
  const onToken = useCallback((given: string) => {
    token.set(given);
    setAsksToken(false);
    reopen(undefined);
  }, []);
  const isLocked = about?.steering === true && token.get() === '';
  return (
    <>
      <a class="skip" href="#main" onClick={skipToMain}>
        Skip to content
      </a>
      <Top about={about} link={link}>
        {isLocked && link !== 'denied' && (
          <button type="button" aria-expanded={asksToken} onClick={() => setAsksToken(!asksToken)}>
            Enter token
          </button>
        )}
      </Top>
      <main id="main" tabIndex={-1}>
        <Notices link={link} known={known} now={now} />
        {asksToken && link !== 'denied' && <TokenForm why="steer" wasWrong={false} onToken={onToken} />}
        {link === 'denied' ? (
          <TokenForm why="read" wasWrong={token.get() !== ''} onToken={onToken} />
        ) : name === undefined ? (
          <ListView known={known} now={now} />
        ) : (
          <MigrationView key={name} name={name} known={known} now={now} about={about} />
        )}
      </main>
    </>
  );
}

interface TopProps {
  readonly about: About | undefined;
  readonly link: Link;
  readonly children: ComponentChildren;
}

function Top({ about, link, children }: TopProps) {
  return (
    <header class="top">
      <a class="brand" href="#/">
        <img src="/icon.svg" width="22" height="22" alt="" />
        twindex
      </a>
      <span class="engine">{about?.engine}</span>
      {children}
      <LinkState link={link} />
    </header>
  );
}

/** Moves the focus without the address `#main`, since the address names the view. */
function skipToMain(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#main')?.focus();
}

const LINKS: Readonly<Record<Link, string>> = {
  connecting: 'connecting',
  live: 'live',
  lost: 'no connection',
  denied: 'token needed',
};

function LinkState({ link }: { readonly link: Link }) {
  return (
    <span class={`link link-${link}`} role="status">
      <span class="dot" aria-hidden="true" />
      {LINKS[link]}
    </span>
  );
}

function Notices({ link, known, now }: { readonly link: Link; readonly known: Known; readonly now: number }) {
  const asOf = known.readAt === null ? '' : ` What is shown is as of ${clock(known.readAt, now)}.`;
  return (
    <div aria-live="polite">
      {link === 'lost' && (
        <p class="notice notice-warn">
          The connection to the dashboard is lost. This page tries to connect again.
          {known.isEmpty ? '' : ' What is shown may be out of date.'}
        </p>
      )}
      {known.trouble !== '' && (
        <p class="notice notice-bad">
          The journal cannot be read: {known.trouble}
          {asOf}
        </p>
      )}
    </div>
  );
}
