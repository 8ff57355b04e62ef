import { lazy, Suspense, useEffect, useState } from 'react';
import { signInQuestion, stepUpQuestion } from '../api/gate';

const SessionDialog = lazy(() =>
  import('./SessionDialog').then((module) => ({ default: module.SessionDialog })),
);
const StepUpDialog = lazy(() =>
  import('./StepUpDialog').then((module) => ({ default: module.StepUpDialog })),
);

type Done = (passed: boolean) => void;

/** What requests may have to ask a person for. The dialogs are loaded when there is something to ask. */
export function Questions() {
  const [signedIn, setSignedIn] = useState<Done | null>(null);
  const [proved, setProved] = useState<Done | null>(null);
  useEffect(() => signInQuestion.register((done) => setSignedIn(() => done)), []);
  useEffect(() => stepUpQuestion.register((done) => setProved(() => done)), []);
  return (
    <Suspense>
      {signedIn && (
        <SessionDialog
          onDone={(passed) => {
            signedIn(passed);
            setSignedIn(null);
          }}
        />
      )}
      {proved && (
        <StepUpDialog
          onDone={(passed) => {
            proved(passed);
            setProved(null);
          }}
        />
      )}
    </Suspense>
  );
}
