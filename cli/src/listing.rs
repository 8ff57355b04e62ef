//! Lines as `ls -l` makes them.

use bygone_vault::{Directory, Node, NodeKind};

use crate::output::{Output, printable};
use crate::when::Clock;

/// How wide the columns have to be. They only grow, so that a listing can be written as it is read.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    links: usize,
    user: usize,
    group: usize,
    size: usize,
}

impl Columns {
    /// Makes room for all entries of a directory.
    pub(crate) fn widen(&mut self, directory: &Directory) {
        directory.iter().for_each(|node| self.widen_for(node));
    }

    /// Makes room for a node.
    pub(crate) fn widen_for(&mut self, node: Node<'_>) {
        self.links = self.links.max(digits(u64::from(node.links().max(1))));
        self.user = self.user.max(owner(node.user(), node.uid()).chars().count());
        self.group = self.group.max(owner(node.group(), node.gid()).chars().count());
        self.size = self.size.max(size(node).len());
    }

    /// Everything before the name.
    pub(crate) fn start(&self, node: Node<'_>, clock: &Clock) -> String {
        format!(
            "{} {:>links$} {:user$} {:group$} {:>size$} {} ",
            permissions(node),
            node.links().max(1),
            owner(node.user(), node.uid()),
            owner(node.group(), node.gid()),
            size(node),
            clock.show_node(node.mtime()),
            links = self.links,
            user = self.user,
            group = self.group,
            size = self.size,
        )
    }
}

/// Everything after the name: where a symbolic link points.
pub(crate) fn write_target(node: Node<'_>, output: &mut Output) -> bygone_vault::Result<()> {
    if node.kind() == NodeKind::Symlink {
        output.text(" -> ")?;
        output.name(node.link_target())?;
    }
    Ok(())
}

/// `drwxr-sr-t`.
pub(crate) fn permissions(node: Node<'_>) -> String {
    let kind = match node.kind() {
        NodeKind::File => '-',
        NodeKind::Dir => 'd',
        NodeKind::Symlink => 'l',
        NodeKind::BlockDevice => 'b',
        NodeKind::CharDevice => 'c',
        NodeKind::Fifo => 'p',
        NodeKind::Socket => 's',
        NodeKind::Unknown => '?',
    };
    mode_text(kind, node.mode())
}

fn mode_text(kind: char, mode: u32) -> String {
    let mut text = String::with_capacity(10);
    text.push(kind);
    for (shift, special, marks) in [(6, 0o4000, ('s', 'S')), (3, 0o2000, ('s', 'S')), (0, 0o1000, ('t', 'T'))] {
        let bits = mode >> shift;
        text.push(if bits & 4 == 0 { '-' } else { 'r' });
        text.push(if bits & 2 == 0 { '-' } else { 'w' });
        text.push(match (bits & 1 == 0, mode & special == 0) {
            (true, true) => '-',
            (false, true) => 'x',
            (true, false) => marks.1,
            (false, false) => marks.0,
        });
    }
    text
}

/// The name that was stored; the number when none was.
fn owner(name: &str, number: u32) -> String {
    if name.is_empty() { number.to_string() } else { printable(name).into_owned() }
}

/// The size; of a device its numbers.
fn size(node: Node<'_>) -> String {
    match node.kind() {
        NodeKind::BlockDevice | NodeKind::CharDevice => {
            let device = node.device();
            let major = ((device >> 8) & 0xfff) | ((device >> 32) & 0xffff_f000);
            let minor = (device & 0xff) | ((device >> 12) & 0xffff_ff00);
            format!("{major}, {minor}")
        }
        NodeKind::Symlink => node.link_target().len().to_string(),
        NodeKind::File | NodeKind::Dir | NodeKind::Fifo | NodeKind::Socket | NodeKind::Unknown => {
            node.size().to_string()
        }
    }
}

fn digits(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_shown_as_ls_shows_them() {
        assert_eq!(mode_text('-', 0o644), "-rw-r--r--");
        assert_eq!(mode_text('d', 0o1777), "drwxrwxrwt");
        assert_eq!(mode_text('-', 0o4755), "-rwsr-xr-x");
        assert_eq!(mode_text('-', 0o2640), "-rw-r-S---");
        assert_eq!(mode_text('d', 0o1770), "drwxrwx--T");
    }
}
