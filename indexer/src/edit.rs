//! How many letters two words differ by.

/// Letters added, left out, changed or swapped with their neighbor between two words; `None` when more than `max`.
pub(crate) fn distance(left: &str, right: &str, max: usize) -> Option<usize> {
    // A letter has four bytes at most, so this is refused before anything is unpacked.
    if left.len().abs_diff(right.len()) > max * 4 {
        return None;
    }
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    if left.len().abs_diff(right.len()) > max {
        return None;
    }
    let width = right.len() + 1;
    let mut before = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for (at, letter) in left.iter().enumerate() {
        let mut row = vec![0; width];
        fill(&before, &last, &mut row, (at, *letter), &left, &right);
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|distance| *distance <= max)
}

fn fill(
    before: &[usize],
    last: &[usize],
    row: &mut [usize],
    (at, letter): (usize, char),
    left: &[char],
    right: &[char],
) {
    let get = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
    let mut previous = at + 1;
    if let Some(first) = row.first_mut() {
        *first = previous;
    }
    for (index, other) in right.iter().enumerate() {
        let mut best =
            (get(last, index) + usize::from(letter != *other)).min(get(last, index + 1) + 1).min(previous + 1);
        let is_swap = at > 0 && index > 0 && left.get(at - 1) == Some(other) && right.get(index - 1) == Some(&letter);
        if is_swap {
            best = best.min(get(before, index - 1) + 1);
        }
        if let Some(place) = row.get_mut(index + 1) {
            *place = best;
        }
        previous = best;
    }
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn letters_are_counted() {
        assert_eq!(distance("", "", 2), Some(0));
        assert_eq!(distance("", "ab", 2), Some(2));
        assert_eq!(distance("report", "report", 2), Some(0));
        assert_eq!(distance("reprot", "report", 2), Some(1));
        assert_eq!(distance("отчот", "отчет", 2), Some(1));
        assert_eq!(distance("raport", "reports", 2), Some(2));
        assert_eq!(distance("kitten", "sitting", 3), Some(3));
        assert_eq!(distance("kitten", "sitting", 2), None);
    }
}
