import { useQueryErrorResetBoundary } from '@tanstack/react-query';
import { Component, type ReactNode } from 'react';
import { ErrorView } from '../ui/ErrorView';

interface Props {
  children: ReactNode;
  /** When it changes, the page is tried anew: another address is another page. */
  of?: string;
  onReset?: () => void;
}

class Boundary extends Component<Props, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override componentDidUpdate(before: Props) {
    if (before.of !== this.props.of && this.state.error !== null) this.setState({ error: null });
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    const retry = () => {
      this.props.onReset?.();
      this.setState({ error: null });
    };
    return <ErrorView error={this.state.error} onRetry={retry} />;
  }
}

/** Shows what went wrong in place of the page it went wrong in. What stands around it goes on. */
export function PageErrors(props: Props) {
  const { reset } = useQueryErrorResetBoundary();
  return <Boundary {...props} onReset={reset} />;
}
