// `Card` is a part of the page with a title, and `Fact` a line in a list of facts.
import type { ComponentChildren } from 'preact';

interface CardProps {
  readonly title: string;
  readonly isWide?: boolean;
  readonly children: ComponentChildren;
}

export function Card({ title, isWide = false, children }: CardProps) {
  const id = title.toLowerCase().replaceAll(/\W+/g, '-');
  return (
    <section class={`card${isWide ? ' card-wide' : ''}`} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

export const Fact = ({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}) => (
  <>
    <dt>{label}</dt>
    <dd>{children}</dd>
  </>
);
