//! A job that waits until it may go on.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use bygone_vault::backend::CancelToken;

/// How often one who waits looks whether the job was given up.
const LOOK: Duration = Duration::from_millis(100);

/// A gate that is open, or closed until somebody opens it. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Pause(Arc<Gate>);

#[derive(Debug, Default)]
struct Gate {
    is_closed: Mutex<bool>,
    opened: Condvar,
}

impl Pause {
    /// Closes it, or opens it. Answers whether it was otherwise.
    pub fn set(&self, is_closed: bool) -> bool {
        let mut now = self.0.is_closed.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *now, is_closed);
        if !is_closed {
            self.0.opened.notify_all();
        }
        before != is_closed
    }

    /// Waits until it is open, or the job is given up.
    pub fn pass(&self, token: &CancelToken) {
        let mut is_closed = self.0.is_closed.lock().unwrap_or_else(PoisonError::into_inner);
        while *is_closed && !token.is_cancelled() {
            (is_closed, _) = self.0.opened.wait_timeout(is_closed, LOOK).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn who_comes_to_a_closed_gate_waits_until_it_opens_or_all_is_given_up() {
        for opens in [true, false] {
            let (pause, token, passed) = (Pause::default(), CancelToken::new(), AtomicBool::new(false));
            pause.pass(&token);
            assert!(pause.set(true) && !pause.set(true));
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    pause.pass(&token);
                    passed.store(true, Ordering::SeqCst);
                });
                std::thread::sleep(LOOK);
                assert!(!passed.load(Ordering::SeqCst));
                match opens {
                    true => assert!(pause.set(false)),
                    false => token.cancel(),
                }
            });
            assert!(passed.load(Ordering::SeqCst));
        }
    }
}
