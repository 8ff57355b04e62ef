//! Text that reads and compresses like source code.

use super::chance::Chance;

const NAMES: usize = 3000;
const SYLLABLES: &[&str] = &[
    "buf", "read", "node", "tree", "in", "out", "map", "key", "lock", "page", "dev", "ctl", "get", "set", "init",
    "reg", "mode", "len", "pos", "err", "stat", "name", "list", "head", "next", "prev", "size", "flag", "mask", "bit",
    "io", "mem", "alloc", "free", "put", "hash", "idx", "off", "val", "ptr", "ref", "task", "irq", "clk", "bus",
    "port", "link", "pkt", "net", "sock", "time", "wait",
];

/// Makes texts out of one vocabulary.
pub(crate) struct Writer {
    names: Vec<String>,
}

impl Writer {
    /// The vocabulary of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let names = (0..NAMES).map(|_| {
            let count = 1 + chance.index(3);
            let parts: Vec<&str> =
                (0..count).filter_map(|_| SYLLABLES.get(chance.index(SYLLABLES.len())).copied()).collect();
            let end = chance.below(40);
            if end < 10 { format!("{}{end}", parts.join("_")) } else { parts.join("_") }
        });
        Self { names: names.collect() }
    }

    /// A name as functions and files have it.
    pub(crate) fn name(&self, chance: &mut Chance) -> &str {
        chance.likely(&self.names).map_or("name", String::as_str)
    }

    /// A text of exactly that many bytes.
    pub(crate) fn text(&self, chance: &mut Chance, len: usize) -> Vec<u8> {
        let mut text = String::with_capacity(len + 200);
        while text.len() < len {
            self.function(chance, &mut text, len);
        }
        let mut bytes = text.into_bytes();
        bytes.truncate(len);
        if let Some(last) = bytes.last_mut() {
            *last = b'\n';
        }
        bytes
    }

    fn function(&self, chance: &mut Chance, text: &mut String, len: usize) {
        let (name, kind) = (self.name(chance), self.name(chance));
        text.push_str(&format!("/* {} the {} of a {} */\n", self.name(chance), self.name(chance), self.name(chance)));
        text.push_str(&format!(
            "static int {name}(struct {kind} *{}, unsigned int {})\n{{\n",
            self.name(chance),
            self.name(chance)
        ));
        let mut depth = 1;
        for _ in 0..3 + chance.below(25) {
            if text.len() >= len {
                break;
            }
            text.extend(std::iter::repeat_n('\t', depth));
            let (a, b, c) = (self.name(chance), self.name(chance), self.name(chance));
            let number = chance.below(256);
            match chance.below(10) {
                0..=2 => text.push_str(&format!("{a}->{b} = {c};\n")),
                3 | 4 => text.push_str(&format!("{a} = {b}({c}, 0x{number:02x});\n")),
                5 if depth < 4 => {
                    text.push_str(&format!("if ({a}->{b} < {c}) {{\n"));
                    depth += 1;
                }
                6 if depth > 1 => {
                    text.push_str(&format!("}} else if (!{a})\n\t\treturn -{number};\n"));
                    depth -= 1;
                }
                7 => text.push_str(&format!("dev_dbg({a}, \"{b} {c} %d\\n\", {number});\n")),
                8 => text.push_str(&format!("for (i = 0; i < {number}; i++)\n\t\t{a}[i] |= {b}_{c};\n")),
                _ => text.push_str("return 0;\n"),
            }
        }
        text.push_str("}\n\n");
    }
}

/// A size as source files have it: half of them below 5 KiB, a long tail up to 400 KiB.
pub(crate) fn source_size(chance: &mut Chance) -> usize {
    const MEDIAN_BYTES: f64 = 5120.0;
    const SPREAD: f64 = 1.15;
    const BYTES_MAX: f64 = 400.0 * 1024.0;
    (MEDIAN_BYTES * (chance.normal() * SPREAD).exp()).clamp(40.0, BYTES_MAX) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_their_size_and_repeat() {
        let writer = Writer::new(5);
        for len in [1, 100, 9999] {
            let text = writer.text(&mut Chance::new(3), len);
            assert_eq!(text.len(), len);
            assert_eq!(text, Writer::new(5).text(&mut Chance::new(3), len));
        }
    }

    #[test]
    fn sizes_are_those_of_source_files() {
        let mut chance = Chance::new(11);
        let mut sizes: Vec<usize> = (0..10_000).map(|_| source_size(&mut chance)).collect();
        sizes.sort_unstable();
        assert!((4500..6000).contains(&sizes[5000]), "{}", sizes[5000]);
        assert!((8_000..13_000).contains(&(sizes.iter().sum::<usize>() / sizes.len())));
    }
}
