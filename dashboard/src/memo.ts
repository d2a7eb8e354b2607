// Renders a component again only if one of its properties has changed. preact has this only in preact/compat, which is
// far larger than this file.
import { Component, type ComponentChild, type FunctionComponent, h } from 'preact';

export function memo<P extends object>(render: (props: P) => ComponentChild): FunctionComponent<P> {
  class Kept extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const before = this.props as Readonly<Record<string, unknown>>;
      return Object.entries(next).some(([key, value]) => before[key] !== value);
    }

    override render(): ComponentChild {
      return render(this.props);
    }
  }
  return (props: P) => h(Kept, props as never);
}
