// The buttons for the actions of one migration. Each opens a dialog that says what the action will do.
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
          This dashboard is read-only. To steer migrations with it, start it with{' '}
          <code>--token-file FILE</code>.
        </p>
      )}
      <ul class="actions">
        {actions.map((action) => (
          <ActionItem key={action.verb} action={action} canSteer={canSteer} onOpen={() => setOpen(action)} />
        ))}
      </ul>
      <ul class="requests" aria-live="polite">
        {requests.map((request) => (
          <li key={request.id} class={`request request-${request.outcome}`}>
            <b>{request.verb}</b> {OUTCOMES[request.outcome]}, requested {ago(request.at, now)}
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

interface ActionItemProps {
  readonly action: Action;
  readonly canSteer: boolean;
  readonly onOpen: () => void;
}

function ActionItem({ action, canSteer, onOpen }: ActionItemProps) {
  const { verb, title, typed, whyNot, canSupersede, isNext } = action;
  return (
    <li>
      <button
        type="button"
        class={isNext ? 'primary' : typed === null ? '' : 'danger'}
        disabled={!canSteer || (whyNot !== null && !canSupersede)}
        aria-describedby={whyNot === null ? undefined : `why-${verb}`}
        onClick={onOpen}
      >
        {title}
      </button>
      {whyNot !== null && (
        <span class="why" id={`why-${verb}`}>
          {whyNot}
        </span>
      )}
    </li>
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

/** What a person may enter in the dialog. */
interface Choice {
  readonly typed: string;
  readonly supersede: boolean;
  readonly force: readonly string[];
  readonly throttle: Detail['throttle'];
}

function ActionDialog({ name, action, detail, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [choice, setChoice] = useState<Choice>({
    typed: '',
    supersede: false,
    force: [],
    throttle: detail.throttle,
  });
  const { given, setGiven, needsToken, isBusy, problem, send } = useSending(name, action.verb);
  useEffect(() => dialog.current?.showModal(), []);
  const isReady = !isBusy && given.trim() !== '' && isComplete(action, choice);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (isReady && (await send(bodyOf(action, choice)))) dialog.current?.close();
  };
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="dialog-title">
          {action.title}: {name}
        </h2>
        <p>{action.does}</p>
        {action.whyNot !== null && <p class="warn">{action.whyNot}</p>}
        <Fields action={action} choice={choice} onChange={(change) => setChoice({ ...choice, ...change })} />
        {needsToken && <TokenField given={given} onChange={setGiven} />}
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
            {isBusy ? 'Sending …' : action.title}
          </button>
        </div>
      </form>
    </dialog>
  );
}

interface TokenProps {
  readonly given: string;
  readonly onChange: (given: string) => void;
}

const TokenField = ({ given, onChange }: TokenProps) => (
  <label>
    Token of this dashboard
    <input
      type="password"
      autocomplete="off"
      value={given}
      onInput={(event) => onChange(event.currentTarget.value)}
    />
  </label>
);

const isComplete = ({ typed, whyNot }: Action, choice: Choice): boolean =>
  (typed === null || choice.typed === typed) && (whyNot === null || choice.supersede);

function bodyOf({ typed, verb }: Action, choice: Choice): object {
  const { auto, maxDocsPerSecond, maxSlowdown, paused } = choice.throttle;
  return {
    ...(typed === null ? {} : { typed: choice.typed }),
    ...(choice.supersede ? { supersede: true } : {}),
    ...(choice.force.length === 0 ? {} : { force: choice.force }),
    ...(verb === 'throttle' ? { throttle: { auto, maxDocsPerSecond, maxSlowdown, paused } } : {}),
  };
}

/** Sends an action with the token. Asks the user for the token if the page has none, or a wrong one. */
function useSending(name: string, verb: Action['verb']) {
  const [given, setGiven] = useState(token.get());
  const [needsToken, setNeedsToken] = useState(given === '');
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const failed = (error: unknown): void => {
    if (error instanceof ServerError && error.status === 401) {
      token.forget();
      setNeedsToken(true);
    }
    setProblem(error instanceof ServerError ? error.message : NO_ANSWER);
  };
  /** @returns whether the action was accepted */
  const send = async (body: object): Promise<boolean> => {
    token.set(given.trim());
    setBusy(true);
    setProblem('');
    try {
      const answer = await post<Request>(`/api/migrations/${encodeURIComponent(name)}/${verb}`, body);
      if (answer.outcome === 'failed') setProblem(answer.text);
      return answer.outcome !== 'failed';
    } catch (error) {
      failed(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { given, setGiven, needsToken, isBusy, problem, send };
}

const NO_ANSWER =
  'The dashboard does not answer, so it is not known whether the action was accepted. The history shows it.';

interface FieldsProps {
  readonly action: Action;
  readonly choice: Choice;
  readonly onChange: (change: Partial<Choice>) => void;
}

function Fields({ action, choice, onChange }: FieldsProps) {
  const { supersede, force, throttle, typed } = choice;
  const toggled = (threshold: string, isOn: boolean): readonly string[] =>
    isOn ? [...force, threshold] : force.filter((one) => one !== threshold);
  return (
    <>
      {action.verb === 'throttle' && (
        <ThrottleFields throttle={throttle} onChange={(changed) => onChange({ throttle: changed })} />
      )}
      {action.canSupersede && (
        <Check
          isOn={supersede}
          onChange={(isOn) => onChange({ supersede: isOn })}
          text="Do it anyway (like --supersede)"
        />
      )}
      {action.forceable.length > 0 && (
        <fieldset>
          <legend>Thresholds that need not hold (like --force)</legend>
          {action.forceable.map((threshold) => (
            <Check
              key={threshold}
              isOn={force.includes(threshold)}
              onChange={(isOn) => onChange({ force: toggled(threshold, isOn) })}
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
            onInput={(event) => onChange({ typed: event.currentTarget.value })}
          />
        </label>
      )}
    </>
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
