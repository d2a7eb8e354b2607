// The actions of one migration. Each opens a dialog that says what it will do.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { About, Action, Detail, Request } from '../../src/dashboard/pageTypes.js';
import { post, ServerError, token } from './connection.js';
import { ago } from './format.js';

interface Props {
  readonly detail: Detail;
  readonly requests: readonly Request[];
  readonly about: About | undefined;
  readonly now: number;
}

export function Actions({ detail, requests, about, now }: Props) {
  const [open, setOpen] = useState<Action>();
  const { actions, row } = detail;
  if (actions.length === 0) return null;
  const canSteer = about?.steering ?? false;
  return (
    <section class="card" aria-labelledby="actions">
      <h2 id="actions">Actions</h2>
      {about && !canSteer && (
        <p class="quiet">
          This dashboard only shows. To steer with it, start it with <code>--token-file FILE</code>.
        </p>
      )}
      <ul class="actions">
        {actions.map((action) => (
          <li key={action.verb}>
            <button
              type="button"
              class={action.isNext ? 'primary' : action.typed === null ? '' : 'danger'}
              disabled={!canSteer || (action.whyNot !== null && !action.canSupersede)}
              aria-describedby={action.whyNot === null ? undefined : `why-${action.verb}`}
              onClick={() => setOpen(action)}
            >
              {action.title}
            </button>
            {action.whyNot !== null && (
              <span class="why" id={`why-${action.verb}`}>
                {action.whyNot}
              </span>
            )}
          </li>
        ))}
      </ul>
      <ul class="requests" aria-live="polite">
        {requests.map((request) => (
          <li key={request.id} class={`request request-${request.outcome}`}>
            <b>{request.verb}</b> {OUTCOMES[request.outcome]}, asked for {ago(request.at, now)}
            {request.text !== '' && <span class="request-text">{request.text}</span>}
          </li>
        ))}
      </ul>
      {open && (
        <ActionDialog
          key={open.verb}
          name={row.name}
          action={open}
          detail={detail}
          onClose={() => setOpen(undefined)}
        />
      )}
    </section>
  );
}

const OUTCOMES: Readonly<Record<Request['outcome'], string>> = {
  waiting: 'is under way',
  done: 'is done',
  failed: 'was not carried out',
};

interface DialogProps {
  readonly name: string;
  readonly action: Action;
  readonly detail: Detail;
  readonly onClose: () => void;
}

function ActionDialog({ name, action, detail, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [given, setGiven] = useState(token.get());
  const [needsToken, setNeedsToken] = useState(given === '');
  const [typed, setTyped] = useState('');
  const [supersede, setSupersede] = useState(false);
  const [force, setForce] = useState<readonly string[]>([]);
  const [throttle, setThrottle] = useState(detail.throttle);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  useEffect(() => dialog.current?.showModal(), []);

  const isReady =
    !isBusy &&
    given.trim() !== '' &&
    (action.typed === null || typed === action.typed) &&
    (action.whyNot === null || supersede);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!isReady) return;
    token.set(given.trim());
    setBusy(true);
    setProblem('');
    try {
      const { auto, maxDocsPerSecond, maxSlowdown, paused } = throttle;
      const answer = await post<Request>(`/api/migrations/${encodeURIComponent(name)}/${action.verb}`, {
        ...(action.typed === null ? {} : { typed }),
        ...(supersede ? { supersede } : {}),
        ...(force.length === 0 ? {} : { force }),
        ...(action.verb === 'throttle' ? { throttle: { auto, maxDocsPerSecond, maxSlowdown, paused } } : {}),
      });
      if (answer.outcome === 'failed') setProblem(answer.text);
      else dialog.current?.close();
    } catch (error) {
      if (error instanceof ServerError && error.status === 401) {
        token.forget();
        setNeedsToken(true);
      }
      setProblem(
        error instanceof ServerError
          ? error.message
          : 'The dashboard does not answer. Whether it has got this is not known.',
      );
    } finally {
      setBusy(false);
    }
  };

  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="dialog-title">
          {action.title}: {name}
        </h2>
        <p>{action.does}</p>
        {action.whyNot !== null && <p class="warn">{action.whyNot}</p>}
        {action.verb === 'throttle' && <ThrottleFields throttle={throttle} onChange={setThrottle} />}
        {action.canSupersede && (
          <Check isOn={supersede} onChange={setSupersede} text="Do it all the same (as --supersede)" />
        )}
        {action.forceable.length > 0 && (
          <fieldset>
            <legend>Thresholds that need not hold (as --force)</legend>
            {action.forceable.map((threshold) => (
              <Check
                key={threshold}
                isOn={force.includes(threshold)}
                onChange={(isOn) =>
                  setForce(isOn ? [...force, threshold] : force.filter((one) => one !== threshold))
                }
                text={threshold}
              />
            ))}
          </fieldset>
        )}
        {action.typed !== null && (
          <label>
            <span>
              This cannot be undone. Type <b class="name">{action.typed}</b> to confirm it.
            </span>
            <input
              type="text"
              autocomplete="off"
              spellcheck={false}
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </label>
        )}
        {needsToken && (
          <label>
            Token of this dashboard
            <input
              type="password"
              autocomplete="off"
              value={given}
              onInput={(event) => setGiven(event.currentTarget.value)}
            />
          </label>
        )}
        {problem !== '' && (
          <p class="bad" role="alert">
            {problem}
          </p>
        )}
        <div class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class={action.typed === null ? 'primary' : 'danger'} disabled={!isReady}>
            {isBusy ? 'Asking …' : action.title}
          </button>
        </div>
      </form>
    </dialog>
  );
}

interface CheckProps {
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly text: string;
}

function Check({ isOn, onChange, text }: CheckProps) {
  return (
    <label class="check">
      <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.currentTarget.checked)} />
      {text}
    </label>
  );
}

interface ThrottleProps {
  readonly throttle: Detail['throttle'];
  readonly onChange: (throttle: Detail['throttle']) => void;
}

function ThrottleFields({ throttle, onChange }: ThrottleProps) {
  const { auto, maxDocsPerSecond, maxSlowdown, paused } = throttle;
  const most = (text: string): number | null => (Number(text) > 0 ? Number(text) : null);
  return (
    <>
      <label>
        Documents per second at most (empty: no limit)
        <input
          type="number"
          min="1"
          value={maxDocsPerSecond ?? ''}
          onInput={(event) => onChange({ ...throttle, maxDocsPerSecond: most(event.currentTarget.value) })}
        />
      </label>
      <Check
        isOn={auto}
        onChange={(isOn) => onChange({ ...throttle, auto: isOn })}
        text="Slow down when other requests become slower"
      />
      {auto && (
        <label>
          How many times slower they may become
          <input
            type="number"
            min="1.01"
            max="100"
            step="any"
            value={maxSlowdown}
            onInput={(event) => onChange({ ...throttle, maxSlowdown: Number(event.currentTarget.value) })}
          />
        </label>
      )}
      <Check
        isOn={paused}
        onChange={(isOn) => onChange({ ...throttle, paused: isOn })}
        text="Copy nothing for now"
      />
    </>
  );
}
