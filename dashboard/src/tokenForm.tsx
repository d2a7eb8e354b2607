// Asks for the token. It is needed to steer and to see documents, and to read if other machines reach the dashboard.
import { useState } from 'preact/hooks';

interface Props {
  readonly why: 'read' | 'steer';
  readonly wasWrong: boolean;
  readonly onToken: (token: string) => void;
}

const WHY = {
  read: 'Other machines can reach this dashboard, so it shows nothing without its token.',
  steer:
    'To steer migrations, and to see documents, the dashboard needs its token. This page keeps it until its tab is closed.',
} as const;

export function TokenForm({ why, wasWrong, onToken }: Props) {
  const [text, setText] = useState('');
  const submit = (event: Event): void => {
    event.preventDefault();
    if (text.trim() !== '') onToken(text.trim());
  };
  return (
    <form class="card token" onSubmit={submit}>
      <h1>Token</h1>
      <p>{WHY[why]} It is the content of the file that the dashboard was started with (--token-file).</p>
      {wasWrong && (
        <p class="bad" role="alert">
          This is not the token.
        </p>
      )}
      <label>
        Token
        <input
          type="password"
          autocomplete="off"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <button class="primary" type="submit">
        {why === 'read' ? 'Show the migrations' : 'Use this token'}
      </button>
    </form>
  );
}
