// Shows the rejected documents, grouped by reason, and single ones before and after the transform.
import { useState } from 'preact/hooks';
import type { Detail, RejectedOne, RejectedView } from '../../src/dashboard/pageTypes.js';
import { Card } from './card.js';
import { post, token } from './connection.js';
import { clock, count, indented, number } from './format.js';

interface Props {
  readonly detail: Detail;
  /** Whether the dashboard has a token. Without one, it shows no documents. */
  readonly canRead: boolean;
  readonly now: number;
}

export function RejectedCard({ detail, canRead, now }: Props) {
  const { count: all, blocking, groups, first } = detail.rejected;
  const { name } = detail.row;
  return (
    <Card title="Rejected documents">
      {all === 0 ? (
        <p class="quiet">None.</p>
      ) : (
        <>
          <p class={blocking > 0 ? 'attention' : ''}>
            {count(all, 'document')}
            {blocking > 0 ? `; ${number(blocking)} ${blocking === 1 ? 'blocks' : 'block'} the next move` : ''}
            . On a terminal: <code>twindex rejected {name}</code>
          </p>
          <ul class="groups">
            {groups.map(({ reason, count: some, ids }) => (
              <li key={reason}>
                <b>{number(some)}</b> {reason}{' '}
                <span class="quiet">
                  ({ids.join(', ')}
                  {some > ids.length ? ', …' : ''})
                </span>
              </li>
            ))}
          </ul>
          {detail.row.group !== 'over' &&
            first.map((one) => (
              <RejectedItem
                key={`${one.id} ${one.routing}`}
                name={name}
                one={one}
                canRead={canRead}
                now={now}
              />
            ))}
        </>
      )}
    </Card>
  );
}

interface ItemProps {
  readonly name: string;
  readonly one: RejectedOne;
  readonly canRead: boolean;
  readonly now: number;
}

function RejectedItem({ name, one, canRead, now }: ItemProps) {
  const { id, routing, reason, at } = one;
  const [view, setView] = useState<RejectedView>();
  const [problem, setProblem] = useState('');
  const load = async (): Promise<void> => {
    setProblem('');
    try {
      setView(await post<RejectedView>(`/api/rejected/${encodeURIComponent(name)}`, { id, routing }));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const onToggle = (event: Event): void => {
    const { open } = event.currentTarget as HTMLDetailsElement;
    if (open && !view && canRead && token.get() !== '') void load();
  };
  return (
    <details class="document" onToggle={onToggle}>
      <summary>
        <code>{id}</code>
        {routing !== null && <span class="quiet"> routing {routing}</span>}{' '}
        <span class="quiet">tried {clock(at, now)}</span>
      </summary>
      <p>{reason}</p>
      {problem !== '' && <p class="bad">{problem}</p>}
      {view ? (
        <BeforeAfter view={view} />
      ) : (
        token.get() === '' && (
          <p class="quiet">The document is shown only if this page has the token of the dashboard.</p>
        )
      )}
    </details>
  );
}

function BeforeAfter({ view: { before, after, instead } }: { readonly view: RejectedView }) {
  const old = before === null ? [] : indented(before);
  const made = after === null ? [] : indented(after);
  return (
    <div class="pair">
      <Side
        title="Before the transform"
        lines={old}
        others={made}
        instead="The document is not there any more."
      />
      <Side title="After the transform" lines={made} others={old} instead={instead} />
    </div>
  );
}

interface SideProps {
  readonly title: string;
  readonly lines: readonly string[];
  readonly others: readonly string[];
  readonly instead: string;
}

/** Lines that the other document does not have are marked. */
function Side({ title, lines, others, instead }: SideProps) {
  const plain = (line: string): string => line.replace(/,$/, '');
  const known = new Set(others.map(plain));
  return (
    <div>
      <h3>{title}</h3>
      {lines.length === 0 ? (
        <p class="quiet">{instead}</p>
      ) : (
        <pre tabIndex={0}>
          {lines.map((line, n) => (
            <span key={n} class={others.length === 0 || known.has(plain(line)) ? '' : 'changed'}>
              {line}
              {'\n'}
            </span>
          ))}
        </pre>
      )}
    </div>
  );
}
