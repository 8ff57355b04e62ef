//! Whose something is on Windows: what the standard library does not tell.

use std::fs::OpenOptions;
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::Path;
use std::ptr::null;

use bygone_common::Sid;
use windows_sys::Win32::Foundation::ERROR_INSUFFICIENT_BUFFER;
use windows_sys::Win32::Security::{
    DACL_SECURITY_INFORMATION, GROUP_SECURITY_INFORMATION, GetKernelObjectSecurity, GetTokenInformation,
    LookupAccountSidW, OWNER_SECURITY_INFORMATION, TOKEN_QUERY, TOKEN_USER, TokenUser,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// What is asked for: the lists of who is watched need a privilege.
const ASKED: u32 = OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
/// The right to ask. Source: `READ_CONTROL` of winnt.h.
const READ_CONTROL: u32 = 0x0002_0000;
/// Opens folders too (`FILE_FLAG_BACKUP_SEMANTICS`), and links themselves (`FILE_FLAG_OPEN_REPARSE_POINT`).
const ANYTHING_ITSELF: u32 = 0x0200_0000 | 0x0020_0000;
/// Room that is tried first: most descriptors are smaller.
const DESCRIPTOR_BYTES: usize = 1 << 10;
/// A list has at most 64 KiB, and a descriptor two of them.
const DESCRIPTOR_BYTES_MAX: usize = 256 << 10;
/// Bytes of a self-relative descriptor's head.
const HEAD_BYTES: usize = 20;
/// Letters of an account's name, and of its domain's, at most.
const NAME_LETTERS_MAX: usize = 512;

/// Owner, group and access list of a file or folder, as one self-relative descriptor.
pub(super) fn security_descriptor(path: &Path) -> io::Result<Vec<u8>> {
    // By the standard library, which knows how long paths are written.
    let file = OpenOptions::new().access_mode(READ_CONTROL).custom_flags(ANYTHING_ITSELF).open(path)?;
    growing(|room, bytes, wanted| {
        // SAFETY: the handle is open as long as `file` lives; `room` points to `bytes` writable bytes, aligned for any
        // structure of Windows; `wanted` is a number of ours.
        unsafe { GetKernelObjectSecurity(file.as_raw_handle(), ASKED, room.cast(), bytes, wanted) }
    })
    .map(|descriptor| trimmed(&descriptor))
}

/// Who this process runs as.
pub(super) fn process_owner() -> io::Result<Sid> {
    let mut handle = std::ptr::null_mut();
    // SAFETY: the pseudo handle of this process needs no closing, and `handle` is a variable of ours.
    if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut handle) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call succeeded, so that the handle is open and nobody else's.
    let token = unsafe { OwnedHandle::from_raw_handle(handle) };
    let room = growing(|room, bytes, wanted| {
        // SAFETY: as for `GetKernelObjectSecurity`.
        unsafe { GetTokenInformation(token.as_raw_handle(), TokenUser, room.cast(), bytes, wanted) }
    })?;
    let unreadable = || io::Error::new(io::ErrorKind::InvalidData, "the system names no user of this process");
    // SAFETY: the system filled the room with a `TOKEN_USER`, whose pointer leads into the same room.
    let user = unsafe { room.as_ptr().cast::<TOKEN_USER>().read() };
    let offset = (user.User.Sid as usize).checked_sub(room.as_ptr() as usize).ok_or_else(unreadable)?;
    let bytes: Vec<u8> = room.iter().flat_map(|word| word.to_ne_bytes()).collect();
    bytes.get(offset..).and_then(Sid::from_bytes).ok_or_else(unreadable)
}

/// What an account is called: `DOMAIN\name`. None when nobody knows it any more.
pub(super) fn account_name(sid: &Sid) -> Option<String> {
    let words = aligned(&sid.to_bytes());
    let (mut name, mut domain) = ([0_u16; NAME_LETTERS_MAX], [0_u16; NAME_LETTERS_MAX]);
    let (mut name_letters, mut domain_letters) = (name.len() as u32, domain.len() as u32);
    let mut kind = 0;
    // SAFETY: the identifier lies in `words`, whole and aligned; the other pointers are of arrays and variables of ours, and
    // the numbers tell the arrays' lengths.
    let found = unsafe {
        LookupAccountSidW(
            null(),
            words.as_ptr().cast_mut().cast(),
            name.as_mut_ptr(),
            &raw mut name_letters,
            domain.as_mut_ptr(),
            &raw mut domain_letters,
            &raw mut kind,
        )
    };
    if found == 0 {
        return None;
    }
    let text =
        |letters: &[u16], count: u32| String::from_utf16_lossy(letters.get(..count as usize).unwrap_or_default());
    let (name, domain) = (text(&name, name_letters), text(&domain, domain_letters));
    Some(if domain.is_empty() { name } else { format!("{domain}\\{name}") })
}

/// Calls with more room as long as the system asks for more.
fn growing(call: impl Fn(*mut u64, u32, *mut u32) -> i32) -> io::Result<Vec<u64>> {
    let mut bytes = DESCRIPTOR_BYTES;
    loop {
        let mut room = vec![0_u64; bytes.div_ceil(size_of::<u64>())];
        let mut wanted = 0;
        let length = u32::try_from(bytes).unwrap_or(u32::MAX);
        if call(room.as_mut_ptr(), length, &raw mut wanted) != 0 {
            return Ok(room);
        }
        let error = io::Error::last_os_error();
        let is_small = error.raw_os_error().is_some_and(|code| code.cast_unsigned() == ERROR_INSUFFICIENT_BUFFER);
        if !is_small || bytes >= DESCRIPTOR_BYTES_MAX {
            return Err(error);
        }
        bytes = (wanted as usize).max(bytes * 2).min(DESCRIPTOR_BYTES_MAX);
    }
}

/// A descriptor without the room behind it. Its parts lie behind its head, each as long as it says itself.
fn trimmed(words: &[u64]) -> Vec<u8> {
    let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
    let number = |at: usize, width: usize| {
        let digits = bytes.get(at..at + width).unwrap_or_default();
        digits.iter().rev().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte))
    };
    let identifier = |at: usize| if at == 0 { 0 } else { at + 8 + 4 * number(at + 1, 1) };
    let list = |at: usize| if at == 0 { 0 } else { at + number(at + 2, 2) };
    let ends = [identifier(number(4, 4)), identifier(number(8, 4)), list(number(12, 4)), list(number(16, 4))];
    let end = ends.into_iter().fold(HEAD_BYTES, usize::max);
    bytes.truncate(end);
    bytes
}

/// The same bytes where structures may begin.
fn aligned(bytes: &[u8]) -> Vec<u64> {
    let word = |chunk: &[u8]| {
        let mut word = [0; size_of::<u64>()];
        word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        u64::from_ne_bytes(word)
    };
    bytes.chunks(size_of::<u64>()).map(word).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn this_process_and_what_it_makes_have_owners_with_names() {
        let me = process_owner().unwrap();
        assert!(me.to_string().starts_with("S-1-"), "{me}");
        assert!(account_name(&me).is_some_and(|name| !name.is_empty()), "{me}");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mine");
        std::fs::write(&file, "x").unwrap();
        for path in [folder.path(), &file] {
            let descriptor = security_descriptor(path).unwrap();
            let owner = Sid::of_owner(&descriptor).unwrap();
            // What an administrator makes may belong to all of them.
            assert!(owner == me || owner.to_string() == "S-1-5-32-544", "{owner} {me}");
            assert!(descriptor.len() > HEAD_BYTES && descriptor.len() < DESCRIPTOR_BYTES_MAX);
        }
        assert_eq!(security_descriptor(&folder.path().join("none")).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(account_name(&"S-1-5-21-1-2-3-4".parse().unwrap()), None);
    }
}
