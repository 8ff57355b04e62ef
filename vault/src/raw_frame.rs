//! zstd frames whose blocks are all stored as they are, which is what files become that no compressor shortens: photographs,
//! films, archives. Their plaintext is copied out while it is being decrypted, and is in the processor's caches still.
//!
//! Source: RFC 8878, 3.1.1. Every frame that is not as simple as that is left to zstd.

const MAGIC: [u8; 4] = 0xfd2f_b528_u32.to_le_bytes();
/// Bits of the frame header's descriptor: how long the field of the content's size is, whether there is no window's size, and
/// what these frames do not have: a bit that means nothing yet, a checksum, a dictionary.
const SIZE_LENGTH_SHIFT: u8 = 6;
const SINGLE_SEGMENT: u8 = 1 << 5;
const NOT_SIMPLE: u8 = 0b1111;
const BLOCK_HEADER_BYTES: usize = 3;
/// A block's header: whether it is the last, its type, its size.
const LAST: u32 = 1;
const TYPE_SHIFT: u32 = 1;
const TYPE_MASK: u32 = 0b11;
const TYPE_RAW: u32 = 0;
const SIZE_SHIFT: u32 = 3;

/// A frame that is looked at as it comes.
#[derive(Debug)]
pub(crate) struct RawFrame<'a> {
    plain: &'a mut [u8],
    filled: usize,
    /// Where in the frame the next is.
    at: usize,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    FrameHeader,
    BlockHeader,
    /// So many bytes of a block are missing, and whether it is the last.
    Block {
        left: usize,
        last: bool,
    },
    /// All of it was here, and ends at `at`.
    Whole,
    /// For zstd, damaged or not.
    Other,
}

impl<'a> RawFrame<'a> {
    /// For a frame that holds as many bytes as `plain`.
    pub(crate) fn new(plain: &'a mut [u8]) -> Self {
        Self { plain, filled: 0, at: 0, state: State::FrameHeader }
    }

    /// Looks at the beginning of the frame, which is longer each time.
    pub(crate) fn see(&mut self, frame: &[u8]) {
        while let Some(rest) = frame.get(self.at..).filter(|rest| !rest.is_empty()) {
            let before = self.at;
            self.state = match self.state {
                State::FrameHeader => self.frame_header(rest),
                State::BlockHeader => self.block_header(rest),
                State::Block { left, last } => self.block(rest, left, last),
                // Nothing may come after it.
                State::Whole | State::Other => State::Other,
            };
            if self.at == before {
                break;
            }
        }
    }

    /// Whether that frame was all of `frame`, and `plain` is its content.
    pub(crate) fn is(&self, frame: &[u8]) -> bool {
        self.state == State::Whole && self.at == frame.len() && self.filled == self.plain.len()
    }

    fn frame_header(&mut self, rest: &[u8]) -> State {
        let Some((magic, [descriptor, rest @ ..])) = rest.split_first_chunk() else { return State::Other };
        if *magic != MAGIC || descriptor & NOT_SIMPLE != 0 {
            return State::Other;
        }
        let single = descriptor & SINGLE_SEGMENT != 0;
        let size_bytes = match descriptor >> SIZE_LENGTH_SHIFT {
            0 => usize::from(single),
            1 => 2,
            2 => 4,
            _ => 8,
        };
        let window_bytes = usize::from(!single);
        if rest.len() < window_bytes + size_bytes {
            return State::Other;
        }
        self.at += MAGIC.len() + 1 + window_bytes + size_bytes;
        State::BlockHeader
    }

    fn block_header(&mut self, rest: &[u8]) -> State {
        let Some(&[a, b, c]) = rest.first_chunk::<BLOCK_HEADER_BYTES>() else { return State::BlockHeader };
        let header = u32::from_le_bytes([a, b, c, 0]);
        if (header >> TYPE_SHIFT) & TYPE_MASK != TYPE_RAW {
            return State::Other;
        }
        self.at += BLOCK_HEADER_BYTES;
        State::Block { left: (header >> SIZE_SHIFT) as usize, last: header & LAST != 0 }.or_next()
    }

    fn block(&mut self, rest: &[u8], left: usize, last: bool) -> State {
        let here = left.min(rest.len());
        let places = self.plain.get_mut(self.filled..self.filled + here);
        let (Some(places), Some(bytes)) = (places, rest.get(..here)) else { return State::Other };
        places.copy_from_slice(bytes);
        self.filled += here;
        self.at += here;
        State::Block { left: left - here, last }.or_next()
    }
}

impl State {
    /// What comes after a block of which nothing is missing.
    fn or_next(self) -> Self {
        match self {
            Self::Block { left: 0, last: true } => Self::Whole,
            Self::Block { left: 0, last: false } => Self::BlockHeader,
            state => state,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use bygone_tests::noise::noise;

    /// Shows a frame piece by piece; its content, if it is a simple one.
    fn seen(frame: &[u8], plain_bytes: usize, step: usize) -> Option<Vec<u8>> {
        let mut plain = vec![0; plain_bytes];
        let mut raw = RawFrame::new(&mut plain);
        for end in (step..frame.len()).step_by(step) {
            raw.see(frame.get(..end).unwrap());
        }
        raw.see(frame);
        raw.is(frame).then_some(plain)
    }

    #[test]
    fn what_no_compressor_shortens_is_copied_out() {
        for length in [300, 70_000, 128 << 10, (128 << 10) + 1, 1_000_000] {
            let plain = noise(7, length);
            let frame = zstd::bulk::compress(&plain, 3).unwrap();
            assert!(frame.len() > plain.len());
            for step in [32 << 10, 1 << 10, frame.len()] {
                assert_eq!(seen(&frame, length, step).unwrap(), plain, "{length} bytes by {step}");
            }
            // A step may end within a block's header.
            let whole = (1..5).all(|less| seen(&frame, length, (128 << 10) + 12 - less).unwrap() == plain);
            assert!(whole);
        }
    }

    #[test]
    fn a_header_in_all_its_forms_is_passed() {
        let block = [0x11, 0, 0, b'a', b'b'];
        let header = |descriptor: u8, rest: &[u8]| [&MAGIC[..], &[descriptor], rest, &block].concat();
        let forms = [
            header(0, &[0x50]),
            header(SINGLE_SEGMENT, &[2]),
            header(1 << SIZE_LENGTH_SHIFT, &[0x50, 0, 0]),
            header((2 << SIZE_LENGTH_SHIFT) | SINGLE_SEGMENT, &[2, 0, 0, 0]),
            header(3 << SIZE_LENGTH_SHIFT, &[0x50, 2, 0, 0, 0, 0, 0, 0, 0]),
        ];
        for frame in forms {
            assert_eq!(seen(&frame, 2, 32 << 10).unwrap(), b"ab", "{frame:?}");
            for other in [NOT_SIMPLE & 1, 1 << 2, 1 << 3] {
                let mut frame = frame.clone();
                frame[4] |= other;
                assert_eq!(seen(&frame, 2, 32 << 10), None);
            }
        }
    }

    #[test]
    fn everything_else_is_left_to_zstd() {
        let plain = noise(7, 300_000);
        let frame = zstd::bulk::compress(&plain, 3).unwrap();
        let all = frame.len();
        // Cut off anywhere, followed by something, longer or shorter than it should be.
        for end in [0, 1, 4, 5, 8, 9, 11, 5000, all - 1] {
            assert_eq!(seen(&frame[..end], plain.len(), 4096), None, "the first {end} bytes");
        }
        assert_eq!(seen(&[&frame[..], &[0]].concat(), plain.len(), 4096), None);
        assert_eq!(seen(&[&frame[..], &frame[..]].concat(), plain.len(), 4096), None);
        assert_eq!(seen(&frame, plain.len() + 1, 4096), None);
        assert_eq!(seen(&frame, plain.len() - 1, 4096), None);
        // What was compressed, all of it or from somewhere on.
        let half = [plain, vec![0; 300_000]].concat();
        for plain in [vec![7; 100_000], half] {
            assert_eq!(seen(&zstd::bulk::compress(&plain, 3).unwrap(), plain.len(), 4096), None);
        }
    }
}
