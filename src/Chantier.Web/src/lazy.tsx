import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Failure, Loading } from './parts';

/** A view that is loaded when it is first shown. */
export function lazy<P extends object>(load: () => Promise<{ default: ComponentType<P> }>): ComponentType<P> {
  let Loaded: ComponentType<P> | null = null;
  return props => {
    const [problem, setProblem] = useState<Error | null>(null);
    const [, setReady] = useState(Loaded !== null);
    useEffect(() => {
      if (Loaded) return;
      load().then(module => {
        Loaded = module.default;
        setReady(true);
      }, setProblem);
    }, []);
    if (Loaded) return <Loaded {...props} />;
    return <main id="content">{problem ? <Failure problem={problem} again={() => location.reload()} /> : <Loading />}</main>;
  };
}
