//! Extended attributes, and when to tell the kernel that there are none.
//!
//! The kernel asks for two of them for each line of `ls -l` and remembers no refusal, which takes most of the time of a
//! listing. One ENOSYS, at any time, makes it stop asking for as long as the mount lives.

use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use crate::options::Xattrs;
use crate::walker::{Found, Walker};

/// Whether extended attributes are shown.
#[derive(Debug)]
pub(super) struct Switch {
    off: AtomicBool,
    may_turn_off: bool,
    /// Who finds out whether there are any; gone once it was asked to.
    walker: Mutex<Option<Walker>>,
}

impl Switch {
    /// As the options say.
    pub(super) fn new(xattrs: Xattrs) -> Self {
        Self {
            off: AtomicBool::new(xattrs == Xattrs::Off),
            may_turn_off: xattrs == Xattrs::Auto,
            walker: Mutex::default(),
        }
    }

    /// Whether the kernel is to stop asking. The first question sends the walker off.
    pub(super) fn is_off(&self) -> bool {
        if self.off.load(Ordering::Relaxed) {
            return true;
        }
        if self.may_turn_off
            && let Some(walker) = self.walker.lock().take()
        {
            walker.walk();
        }
        false
    }

    /// Whether finding out that there are none would help.
    pub(super) fn may_turn_off(&self) -> bool {
        self.may_turn_off
    }

    /// Has this walker sent off at the first question.
    pub(super) fn ask_later(&self, walker: Walker) {
        *self.walker.lock() = Some(walker);
    }

    /// The end of a walk.
    pub(super) fn found(&self, found: Found) {
        match found {
            Found::None => self.off.store(true, Ordering::Relaxed),
            Found::Some if self.off.load(Ordering::Relaxed) => tracing::warn!(
                "a new snapshot has extended attributes, which this mount cannot show any more: mount again to see them"
            ),
            Found::Some | Found::Unknown => {}
        }
    }
}
