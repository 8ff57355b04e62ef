//! Where requests wait for a person: to sign in again, or to give the second factor. The dialogs register themselves.

type Opened = (done: (passed: boolean) => void) => void;

/** One question at a time: requests that come while it is open wait for the same answer. */
class Question {
  #opens: Opened | null = null;
  #waiting: Promise<boolean> | null = null;

  /** Says what asks. What it returns takes it away again. */
  register(opens: Opened): () => void {
    this.#opens = opens;
    return () => {
      this.#opens = null;
    };
  }

  ask(): Promise<boolean> {
    const opens = this.#opens;
    if (!opens) return Promise.resolve(false);
    this.#waiting ??= new Promise<boolean>(opens).finally(() => {
      this.#waiting = null;
    });
    return this.#waiting;
  }
}

export const signInQuestion = new Question();
export const stepUpQuestion = new Question();

export const gate = {
  signIn: () => signInQuestion.ask(),
  stepUp: () => stepUpQuestion.ask(),
};
