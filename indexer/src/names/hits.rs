//! Names that fit a text, and how well.

use std::ops::Range;

use crate::marks::Marks;
use crate::pattern::Fit;

/// Names whose marks are in one word.
const WORD_NAMES: usize = u64::BITS as usize;
/// More names are told apart by what is counted of all that there are, which takes longer than to sort a few.
const FEW_MAX: usize = 4096;
/// Names that fit below which a second thread costs more than it saves.
const THREAD_NAMES_MIN: usize = 32 << 10;

/// The names.
#[derive(Debug, Clone)]
pub(crate) struct NameHits {
    /// A bit for every name: most names that are asked for do not fit.
    marks: Marks,
    fits: Fits,
    /// None fits better.
    best: Fit,
}

/// How well those that fit do, in the order of their numbers.
#[derive(Debug, Clone)]
enum Fits {
    Few(Vec<(u32, Fit)>),
    /// With how many fit before each word of marks.
    Many(Vec<Fit>, Vec<u32>),
}

/// The names of a range of numbers.
struct Part {
    words: Vec<u64>,
    before: Vec<u32>,
    fits: Vec<Fit>,
}

impl NameHits {
    pub(crate) fn none() -> Self {
        Self { marks: Marks::default(), fits: Fits::Few(Vec::new()), best: Fit::None }
    }

    /// Names in any order, some perhaps twice, of `count`.
    pub(super) fn new(found: &[Vec<(u32, Fit)>], count: u32, threads: usize) -> Self {
        let best = found.iter().flatten().map(|(_, fit)| *fit).max().unwrap_or(Fit::None);
        let (marks, fits) = match found.iter().map(Vec::len).sum() {
            0..=FEW_MAX => few(found, count),
            found_count => many(found, count, if found_count < THREAD_NAMES_MIN { 1 } else { threads.max(1) }),
        };
        Self { marks, fits, best }
    }

    pub(crate) fn len(&self) -> usize {
        match &self.fits {
            Fits::Few(fits) => fits.len(),
            Fits::Many(fits, _) => fits.len(),
        }
    }

    /// Those that fit.
    pub(crate) fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Whether a name fits.
    #[inline]
    pub(crate) fn has(&self, id: u32) -> bool {
        self.marks.has(id)
    }

    /// How well the best name fits.
    pub(crate) fn best(&self) -> Fit {
        self.best
    }

    /// How well a name fits.
    #[inline]
    pub(crate) fn fit(&self, id: u32) -> Fit {
        if !self.has(id) {
            return Fit::None;
        }
        let fit = match &self.fits {
            Fits::Few(fits) => {
                fits.binary_search_by_key(&id, |(id, _)| *id).ok().and_then(|at| fits.get(at)).map(|(_, fit)| fit)
            }
            Fits::Many(fits, before) => fits.get(rank(self.marks.words(), before, id as usize)),
        };
        fit.copied().unwrap_or(Fit::None)
    }

    /// The numbers, ascending.
    pub(crate) fn ids(&self) -> Vec<u32> {
        if let Fits::Few(fits) = &self.fits {
            return fits.iter().map(|(id, _)| *id).collect();
        }
        let words = (0_u32..).step_by(WORD_NAMES).zip(self.marks.words());
        let ids = words.filter(|(_, word)| **word != 0).flat_map(|(first, word)| {
            (0..u64::BITS).filter(move |bit| word >> bit & 1 != 0).map(move |bit| first + bit)
        });
        ids.collect()
    }
}

fn few(found: &[Vec<(u32, Fit)>], count: u32) -> (Marks, Fits) {
    let mut marks = Marks::new(count as usize);
    let mut fits: Vec<(u32, Fit)> = found.iter().flatten().copied().collect();
    fits.iter().for_each(|(id, _)| marks.add(*id));
    // The best comes first of those that are one name.
    fits.sort_unstable_by_key(|(id, fit)| (*id, std::cmp::Reverse(*fit)));
    fits.dedup_by_key(|(id, _)| *id);
    (marks, Fits::Few(fits))
}

fn many(found: &[Vec<(u32, Fit)>], count: u32, threads: usize) -> (Marks, Fits) {
    let words = (count as usize).div_ceil(WORD_NAMES);
    let share = words.div_ceil(threads).max(1);
    let names = |word: usize| word * WORD_NAMES..(word + share).min(words) * WORD_NAMES;
    let mut all = Part { words: Vec::new(), before: Vec::new(), fits: Vec::new() };
    std::thread::scope(|scope| {
        let others: Vec<_> =
            (share..words).step_by(share).map(|word| scope.spawn(move || Part::of(found, names(word)))).collect();
        all = Part::of(found, names(0));
        for other in others {
            match other.join() {
                Ok(part) => all.append(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    (Marks::of_words(all.words), Fits::Many(all.fits, all.before))
}

impl Part {
    fn of(found: &[Vec<(u32, Fit)>], names: Range<usize>) -> Self {
        let within = |(id, fit): &(u32, Fit)| {
            let at = (*id as usize).wrapping_sub(names.start);
            (at < names.len()).then_some((at, *fit))
        };
        let mut words = vec![0_u64; names.len() / WORD_NAMES];
        for (at, _) in found.iter().flatten().filter_map(within) {
            if let Some(word) = words.get_mut(at / WORD_NAMES) {
                *word |= 1 << (at % WORD_NAMES);
            }
        }
        let mut count = 0;
        let counts = words.iter().map(|word| {
            let before = count;
            count += word.count_ones();
            before
        });
        let before: Vec<u32> = counts.collect();
        let mut fits = vec![Fit::None; count as usize];
        for (at, fit) in found.iter().flatten().filter_map(within) {
            if let Some(place) = fits.get_mut(rank(&words, &before, at)) {
                *place = fit.max(*place);
            }
        }
        Self { words, before, fits }
    }

    /// Adds those of the next numbers.
    fn append(&mut self, next: Self) {
        let count = u32::try_from(self.fits.len()).unwrap_or(u32::MAX);
        self.words.extend(next.words);
        self.before.extend(next.before.into_iter().map(|before| count + before));
        self.fits.extend(next.fits);
    }
}

/// How many marks there are before a number.
#[inline]
fn rank(words: &[u64], before: &[u32], number: usize) -> usize {
    let (word, bit) = (number / WORD_NAMES, number % WORD_NAMES);
    let within = words.get(word).map_or(0, |word| (word & ((1 << bit) - 1)).count_ones());
    (before.get(word).copied().unwrap_or(0) + within) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_as_well_as_the_best_that_was_found_of_them() {
        for (count, step) in [(1, 1), (511, 3), (513, 1), (100_000, 1), (100_000, 2), (100_003, 7), (100_003, 99)] {
            let fit = |id: u32| if id.is_multiple_of(3) { Fit::Inside } else { Fit::Word };
            let mut found: Vec<(u32, Fit)> = (0..count).step_by(step).map(|id| (id, fit(id))).collect();
            found.extend((0..count).step_by(step).rev().map(|id| (id, Fit::Path)));
            let (one, other) = found.split_at(found.len() / 3);
            for threads in [1, 2, 3] {
                let hits = NameHits::new(&[one.to_vec(), Vec::new(), other.to_vec()], count, threads);
                let expected: Vec<u32> = (0..count).step_by(step).collect();
                assert_eq!(hits.ids(), expected);
                assert_eq!(hits.len(), expected.len());
                for id in 0..count + 600 {
                    let is_there = id < count && id.is_multiple_of(step as u32);
                    assert_eq!(hits.fit(id), if is_there { fit(id) } else { Fit::None }, "{id} of {count} by {step}");
                }
                assert_eq!(Some(hits.best()), expected.into_iter().map(fit).max());
            }
        }
        let none = NameHits::new(&[], 0, 2);
        assert_eq!((none.len(), none.best(), none.fit(0)), (0, Fit::None, Fit::None));
    }
}
