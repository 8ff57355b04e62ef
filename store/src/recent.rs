//! What the database answered a moment ago: it holds for as long as this process has written nothing since, and never longer
//! than [`RECENT_MAX`], as other processes may write too. A download in parts asks the same a thousand times a second.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Result;

/// How long something that another process wrote may go unseen here.
pub const RECENT_MAX: Duration = Duration::from_millis(250);

/// Answers of one kind that are remembered at most.
const ANSWERS_MAX: usize = 1_000;

/// When something was asked: after how many writes of this process, and at what time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp {
    pub(crate) writes: u64,
    pub(crate) at: Instant,
}

impl Stamp {
    /// Whether what was answered then is the answer now.
    fn holds(self, now: Self) -> bool {
        self.writes == now.writes && now.at.duration_since(self.at) < RECENT_MAX
    }
}

/// Answers of one kind, by question.
#[derive(Debug)]
pub(crate) struct Recent<Q, A> {
    answers: Mutex<HashMap<Q, (Stamp, A)>>,
}

impl<Q, A> Default for Recent<Q, A> {
    fn default() -> Self {
        Self { answers: Mutex::default() }
    }
}

impl<Q: Eq + Hash, A: Clone> Recent<Q, A> {
    /// The answer to a question that is put now, which the database is asked only if it is not known. What it refuses is not
    /// remembered.
    ///
    /// # Errors
    /// Those of the asking.
    pub(crate) async fn or_ask(&self, now: Stamp, question: Q, ask: impl Future<Output = Result<A>>) -> Result<A> {
        if let Some(known) = self.known(now, &question) {
            return Ok(known);
        }
        let answer = ask.await?;
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= ANSWERS_MAX {
            // Most of them hold no longer, and the others are soon asked again.
            answers.clear();
        }
        answers.insert(question, (now, answer.clone()));
        Ok(answer)
    }

    fn known(&self, now: Stamp, question: &Q) -> Option<A> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let (then, answer) = answers.get(question)?;
        then.holds(now).then(|| answer.clone())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::error::{Error, ErrorKind};

    async fn ask(recent: &Recent<u8, u8>, now: Stamp, question: u8, answer: u8) -> u8 {
        recent.or_ask(now, question, async { Ok(answer) }).await.unwrap()
    }

    #[tokio::test]
    async fn an_answer_holds_until_something_is_written_or_its_time_is_over() {
        let recent = Recent::default();
        let now = Stamp { writes: 1, at: Instant::now() };
        assert_eq!(ask(&recent, now, 1, 10).await, 10);
        let soon = Stamp { at: now.at + RECENT_MAX / 2, ..now };
        assert_eq!((ask(&recent, soon, 1, 11).await, ask(&recent, soon, 2, 20).await), (10, 20));
        let written = Stamp { writes: 2, ..soon };
        assert_eq!((ask(&recent, written, 1, 12).await, ask(&recent, written, 1, 13).await), (12, 12));
        let late = Stamp { at: soon.at + RECENT_MAX, ..written };
        assert_eq!(ask(&recent, late, 1, 14).await, 14);
    }

    #[tokio::test]
    async fn refusals_are_not_remembered_and_answers_are_bounded() {
        let recent: Recent<usize, u8> = Recent::default();
        let now = Stamp { writes: 0, at: Instant::now() };
        let refused = recent.or_ask(now, 0, async { Err(Error::new(ErrorKind::Unavailable, "away")) }).await;
        assert!(refused.is_err());
        for question in 0..3 * ANSWERS_MAX {
            assert_eq!(recent.or_ask(now, question, async { Ok(7) }).await.unwrap(), 7);
            assert!(recent.answers.lock().unwrap().len() <= ANSWERS_MAX);
        }
    }
}
