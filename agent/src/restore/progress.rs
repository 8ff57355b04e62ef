//! How far a restore is, on its way to the server; and where it waits, or ends, when it is told to.

use std::sync::atomic::{AtomicBool, Ordering};

use bygone_common::job::Phase;
use bygone_vault::restore::Progress;

use crate::context::Context;

/// Who watches a restore.
pub(super) struct Watching<'a> {
    pub(super) context: &'a Context<'a>,
    /// What the engine looks at between two files.
    pub(super) cancelled: &'a AtomicBool,
}

impl Watching<'_> {
    /// The engine is this job's own: that its threads wait here keeps nobody else waiting.
    fn wait(&self) {
        self.context.pause.pass(self.context.token);
        if self.context.token.is_cancelled() {
            self.cancelled.store(true, Ordering::Relaxed);
        }
    }
}

impl Progress for Watching<'_> {
    fn planned(&self, files: u64, bytes: u64) {
        self.context.meter.expects(files, bytes);
    }

    fn file_done(&self) {
        self.context.meter.item_done();
        self.wait();
    }

    fn bytes(&self, count: u64) {
        self.context.meter.bytes_done(count);
        self.wait();
    }

    fn verifying(&self, _bytes: u64) {
        self.context.meter.phase(Phase::Finishing);
    }
}
