//! What one feed sends next, in order, and how far of that it has asked for.

use std::collections::VecDeque;

use bygone_vault::read_together;

use super::lanes::Lanes;
use super::reads::{Early, Slot};

/// Pieces that one feed looks ahead: files of a few hundred bytes are asked for by the hundred.
const SLOTS_MAX: usize = 1024;
/// With fewer left, it looks ahead again: one at a time, small files would be asked for one by one.
const SLOTS_MIN: usize = 512;
/// Bytes that one feed has read ahead at most. The engine's own read-ahead comes on top, within its own budget.
const BYTES_MAX: u64 = 4 << 20;
/// Bytes that are asked for with one turn at the workers, unless one piece is larger.
const TURN_BYTES: usize = 1 << 20;

/// What comes next.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    slots: VecDeque<Slot>,
    /// Bytes of all of them.
    bytes: u64,
    /// How many from the front on have been asked for.
    asked: usize,
    /// Whether it was long enough, and is used up before more is looked for.
    is_long: bool,
}

impl Ahead {
    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Whether more should be looked for.
    pub(super) fn has_room(&mut self) -> bool {
        self.is_long = self.slots.len() >= SLOTS_MAX || (self.is_long && self.slots.len() > SLOTS_MIN);
        !self.is_long && self.bytes < BYTES_MAX
    }

    pub(super) fn push(&mut self, slot: Slot) {
        self.bytes += slot.weight();
        self.slots.push_back(slot);
    }

    /// Puts back what goes out first.
    pub(super) fn put_back(&mut self, slot: Slot) {
        self.bytes += slot.weight();
        self.asked += 1;
        self.slots.push_front(slot);
    }

    pub(super) fn first(&mut self) -> Option<&mut Slot> {
        self.slots.front_mut()
    }

    pub(super) fn pop(&mut self) -> Option<Slot> {
        let slot = self.slots.pop_front()?;
        self.bytes -= slot.weight();
        self.asked = self.asked.saturating_sub(1);
        Some(slot)
    }

    /// Asks for what is seen, in order, as far as there are memory and turns to spare.
    pub(super) fn ask(&mut self, lanes: &Lanes) {
        loop {
            let (mut parts, mut bytes, mut turn) = (Vec::new(), 0, None);
            for slot in self.slots.iter_mut().skip(self.asked) {
                match slot.ask_ahead(lanes, &mut turn) {
                    Early::Asked => {}
                    Early::Wanted(part) => {
                        bytes += part.len;
                        parts.push(part);
                    }
                    Early::Refused => break,
                }
                self.asked += 1;
                if bytes >= TURN_BYTES {
                    break;
                }
            }
            let is_full = bytes >= TURN_BYTES;
            read_together(parts);
            if !is_full {
                return;
            }
        }
    }
}
