//! The order of fetching: every distinct blob once, as they lie in the packs, with all the places it goes to.

use super::table::{Entry, Piece, Table, at};

/// Blobs by rank: their position in the order of packs and offsets.
#[derive(Debug, Default)]
pub(super) struct Fetching {
    /// Positions of blobs in the table.
    order: Vec<u32>,
    /// For each rank where its uses begin; one more for the end.
    first_use: Vec<u32>,
    /// Positions of pieces in the table.
    uses: Vec<u32>,
}

/// Blobs that are fetched by one call: those of ranks `start` to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Bytes of their plaintext.
    pub(super) bytes: u64,
}

impl Fetching {
    /// The blobs that the wanted entries need.
    pub(super) fn of(table: &Table, wanted: impl Fn(&Entry, u32) -> bool) -> Self {
        let is_wanted =
            |piece: &Piece| table.entries.get(at(piece.entry)).is_some_and(|entry| wanted(entry, piece.entry));
        let mut next = vec![0_u32; table.places.len()];
        for piece in table.pieces.iter().filter(|piece| is_wanted(piece)) {
            if let Some(count) = next.get_mut(at(piece.blob)) {
                *count += 1;
            }
        }
        let mut order: Vec<u32> = (0..).zip(&next).filter(|(_, count)| **count > 0).map(|(blob, _)| blob).collect();
        order.sort_unstable_by_key(|blob| table.places.get(at(*blob)).map(|place| (place.pack, place.offset)));
        let mut first_use = Vec::with_capacity(order.len() + 1);
        let mut total = 0;
        for blob in &order {
            first_use.push(total);
            if let Some(next) = next.get_mut(at(*blob)) {
                let count = std::mem::replace(next, total);
                total += count;
            }
        }
        first_use.push(total);
        let mut uses = vec![0_u32; at(total)];
        for (piece, position) in table.pieces.iter().zip(0..).filter(|(piece, _)| is_wanted(piece)) {
            if let Some(next) = next.get_mut(at(piece.blob)) {
                if let Some(slot) = uses.get_mut(at(*next)) {
                    *slot = position;
                }
                *next += 1;
            }
        }
        Self { order, first_use, uses }
    }

    /// The blob of a rank.
    pub(super) fn blob(&self, rank: usize) -> Option<u32> {
        self.order.get(rank).copied()
    }

    /// The positions of the pieces that need the blob of a rank.
    pub(super) fn uses(&self, rank: usize) -> &[u32] {
        match (self.first_use.get(rank), self.first_use.get(rank + 1)) {
            (Some(start), Some(end)) => self.uses.get(at(*start)..at(*end)).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The ranks, cut into batches of at most `bytes_max` and `blobs_max`, but at least one blob.
    pub(super) fn batches(&self, table: &Table, bytes_max: u64, blobs_max: usize) -> impl Iterator<Item = Batch> {
        let length = move |rank: usize| {
            let place = self.blob(rank).and_then(|blob| table.places.get(at(blob)));
            place.map_or(0, |place| u64::from(place.length))
        };
        let mut start = 0;
        std::iter::from_fn(move || {
            let mut batch = Batch { start, end: start, bytes: 0 };
            while batch.end < self.order.len() && batch.end - start < blobs_max {
                let bytes = length(batch.end);
                if batch.end > start && batch.bytes + bytes > bytes_max {
                    break;
                }
                batch.bytes += bytes;
                batch.end += 1;
            }
            start = batch.end;
            (batch.end > batch.start).then_some(batch)
        })
    }
}
