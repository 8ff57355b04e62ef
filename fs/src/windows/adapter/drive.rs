//! The calls of WinFsp.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bygone_vault::{Error, ErrorKind, Result as VaultResult};
use parking_lot::Mutex;
use winfsp::{
    CreateFileInfo, CreateOptions, DirInfo, FileAccessRights, FileAttributes, FileInfo, FileSystemInterface, NTSTATUS,
    PSecurityDescriptor, SecurityDescriptor, U16CStr, U16CString, VolumeInfo, WriteMode, u16cstr, u16str,
};

use crate::core::Core;
use crate::core::attributes::{Attributes, Kind};
use crate::core::fault::Fault;
use crate::core::files::OpenFile;
use crate::core::inode::Inode;
use crate::windows::attributes::{allocated, bits, file_time, size};
use crate::windows::path::{Lost, Paths, Rows};
use crate::windows::reparse::{SYMLINK_TAG, symlink};
use crate::windows::{status, wait};

/// Everybody may read; everything belongs to the administrators. Rights of the saved machine mean nothing here.
const EVERYBODY_READS: &U16CStr = u16cstr!("O:BAG:BAD:P(A;;FRFX;;;WD)");

/// The mounted view as WinFsp calls it.
pub(super) struct Drive {
    core: Arc<Core>,
    paths: Paths,
    security: SecurityDescriptor,
}

/// Something that a program has open.
pub(super) struct Open {
    attributes: Attributes,
    /// A directory's lines, as of the beginning of its listing.
    rows: Mutex<Option<Arc<Rows>>>,
    /// A file's reader, from the first read on.
    file: Mutex<Option<Arc<OpenFile>>>,
}

impl Drive {
    pub(super) fn new(core: &Arc<Core>) -> VaultResult<Self> {
        let security = SecurityDescriptor::from_wstr(EVERYBODY_READS)
            .map_err(|error| Error::new(ErrorKind::Io, "describe who may read").because(error))?;
        Ok(Self { core: Arc::clone(core), paths: Paths::new(core), security })
    }

    fn resolve(&self, path: &U16CStr) -> Result<Attributes, NTSTATUS> {
        self.paths.resolve(path.as_slice()).map_err(|lost| self.lost(&lost))
    }

    fn lost(&self, lost: &Lost) -> NTSTATUS {
        match lost {
            Lost::Name => status::OBJECT_NAME_NOT_FOUND,
            Lost::Way | Lost::Link(_) => status::OBJECT_PATH_NOT_FOUND,
            Lost::Fault(fault) => self.answer(Inode::ROOT, fault),
        }
    }

    fn rows(&self, open: &Open, from_the_beginning: bool) -> Result<Arc<Rows>, NTSTATUS> {
        let mut rows = open.rows.lock();
        match rows.as_ref() {
            Some(rows) if !from_the_beginning => Ok(Arc::clone(rows)),
            Some(_) | None => {
                let read = self.paths.rows(open.attributes.inode);
                let read = read.map_err(|fault| self.answer(open.attributes.inode, &fault))?;
                *rows = Some(Arc::clone(&read));
                Ok(read)
            }
        }
    }

    fn link(&self, of: &Attributes, buffer: &mut [u8]) -> Result<usize, NTSTATUS> {
        let data = self.link_data(of)?;
        let Some(room) = buffer.get_mut(..data.len()) else { return Err(status::BUFFER_TOO_SMALL) };
        room.copy_from_slice(&data);
        Ok(data.len())
    }

    fn link_data(&self, of: &Attributes) -> Result<Vec<u8>, NTSTATUS> {
        if of.kind != Kind::Symlink {
            return Err(status::NOT_A_REPARSE_POINT);
        }
        let target = wait::link_target(&self.core, of.inode).map_err(|fault| self.answer(of.inode, &fault))?;
        symlink(&target).ok_or(status::IO_DEVICE_ERROR)
    }

    /// The status, and a line in the log when it is the repository's fault. File names only in debug lines.
    fn answer(&self, inode: Inode, fault: &Fault) -> NTSTATUS {
        if let Fault::Repository(error) = fault {
            tracing::warn!(inode = inode.0, error = %error.chain(), "cannot answer");
            tracing::debug!(inode = inode.0, path = self.core.path_of(inode), "this is the file");
        }
        status::of(fault)
    }
}

/// A panic must not cross into WinFsp: it costs one answer.
fn guarded<T>(handler: impl FnOnce() -> Result<T, NTSTATUS>) -> Result<T, NTSTATUS> {
    catch_unwind(AssertUnwindSafe(handler)).unwrap_or_else(|_| {
        tracing::error!("a handler panicked");
        Err(status::IO_DEVICE_ERROR)
    })
}

fn info(of: &Attributes) -> FileInfo {
    let mut info = FileInfo::default();
    info.set_file_attributes(FileAttributes(bits(of)))
        .set_file_size(size(of))
        .set_allocation_size(allocated(of))
        .set_creation_time(file_time(of.modified))
        .set_last_access_time(file_time(of.accessed))
        .set_last_write_time(file_time(of.modified))
        .set_change_time(file_time(of.changed))
        .set_index_number(of.inode.0)
        .set_hard_links(of.links);
    if of.kind == Kind::Symlink {
        info.set_reparse_tag(SYMLINK_TAG);
    }
    info
}

impl FileSystemInterface for Drive {
    type FileContext = Arc<Open>;

    const GET_VOLUME_INFO_DEFINED: bool = true;
    const GET_SECURITY_BY_NAME_DEFINED: bool = true;
    const OPEN_DEFINED: bool = true;
    const CLOSE_DEFINED: bool = true;
    const READ_DEFINED: bool = true;
    const GET_FILE_INFO_DEFINED: bool = true;
    const GET_SECURITY_DEFINED: bool = true;
    const READ_DIRECTORY_DEFINED: bool = true;
    const GET_DIR_INFO_BY_NAME_DEFINED: bool = true;
    const GET_REPARSE_POINT_DEFINED: bool = true;
    const RESOLVE_REPARSE_POINTS_DEFINED: bool = true;
    const CREATE_DEFINED: bool = true;
    const OVERWRITE_DEFINED: bool = true;
    const WRITE_DEFINED: bool = true;
    const SET_BASIC_INFO_DEFINED: bool = true;
    const SET_FILE_SIZE_DEFINED: bool = true;
    const SET_DELETE_DEFINED: bool = true;
    const RENAME_DEFINED: bool = true;
    const SET_SECURITY_DEFINED: bool = true;

    fn get_volume_info(&self) -> Result<VolumeInfo, NTSTATUS> {
        guarded(|| {
            let totals = self.core.totals(Inode::ROOT);
            VolumeInfo::new(totals.bytes, 0, u16str!("bygone")).map_err(|_| status::IO_DEVICE_ERROR)
        })
    }

    // WinFsp's own search for links is not used: it passes no place for a length, where the binding writes one.
    fn get_security_by_name(
        &self,
        file_name: &U16CStr,
        _find_reparse_point: impl Fn() -> Option<FileAttributes>,
    ) -> Result<(FileAttributes, PSecurityDescriptor, bool), NTSTATUS> {
        guarded(|| match self.paths.resolve(file_name.as_slice()) {
            Ok(found) => Ok((FileAttributes(bits(&found)), self.security.as_ptr(), false)),
            // The place of the link stands where attributes would. WinFsp follows it and asks again.
            Err(Lost::Link(at)) => match u32::try_from(at) {
                Ok(at) => Ok((FileAttributes(at), self.security.as_ptr(), true)),
                Err(_) => Err(status::OBJECT_PATH_NOT_FOUND),
            },
            Err(lost @ (Lost::Name | Lost::Way | Lost::Fault(_))) => Err(self.lost(&lost)),
        })
    }

    fn open(
        &self,
        file_name: &U16CStr,
        _create_options: CreateOptions,
        _granted_access: FileAccessRights,
    ) -> Result<(Self::FileContext, FileInfo), NTSTATUS> {
        guarded(|| {
            let attributes = self.resolve(file_name)?;
            let open = Open { attributes, rows: Mutex::default(), file: Mutex::default() };
            Ok((Arc::new(open), info(&attributes)))
        })
    }

    fn close(&self, _open: Self::FileContext) {}

    fn read(&self, open: Self::FileContext, buffer: &mut [u8], offset: u64) -> Result<usize, NTSTATUS> {
        guarded(|| {
            let of = open.attributes;
            if of.kind == Kind::Directory {
                return Err(status::FILE_IS_A_DIRECTORY);
            }
            if offset >= size(&of) {
                return Err(status::END_OF_FILE);
            }
            let file = {
                let mut kept = open.file.lock();
                match kept.as_ref() {
                    Some(file) => Arc::clone(file),
                    None => {
                        let file = wait::file(&self.core, of.inode).map_err(|fault| self.answer(of.inode, &fault))?;
                        Arc::clone(kept.insert(file))
                    }
                }
            };
            let pieces = wait::read(&file, offset, buffer.len()).map_err(|fault| self.answer(of.inode, &fault))?;
            let mut room = buffer;
            for slice in pieces.slices() {
                let (head, rest) = room.split_at_mut(slice.len().min(room.len()));
                head.copy_from_slice(slice.get(..head.len()).unwrap_or_default());
                room = rest;
            }
            Ok(pieces.len())
        })
    }

    fn get_file_info(&self, open: Self::FileContext) -> Result<FileInfo, NTSTATUS> {
        Ok(info(&open.attributes))
    }

    fn get_security(&self, _open: Self::FileContext) -> Result<PSecurityDescriptor, NTSTATUS> {
        Ok(self.security.as_ptr())
    }

    fn read_directory(
        &self,
        open: Self::FileContext,
        marker: Option<&U16CStr>,
        mut add: impl FnMut(DirInfo) -> bool,
    ) -> Result<(), NTSTATUS> {
        guarded(|| {
            let rows = self.rows(&open, marker.is_none())?;
            let is_root = open.attributes.inode == Inode::ROOT;
            let dots = if is_root { [].as_slice() } else { &[".", ".."] };
            let marked = marker.map(|marker| marker.to_string_lossy());
            let mut from = 0;
            match marked.as_deref() {
                Some(dot) if dots.contains(&dot) => {}
                Some(_) => {
                    from = marker.and_then(|marker| rows.folder.find(marker.as_slice())).map_or(usize::MAX, |at| at + 1)
                }
                None => {}
            }
            let dots_left = match marked.as_deref() {
                None => dots,
                Some(".") => dots.get(1..).unwrap_or_default(),
                Some(_) => &[],
            };
            for dot in dots_left {
                if !add(DirInfo::from_str(info(&open.attributes), dot)) {
                    return Ok(());
                }
            }
            for position in from..rows.folder.len() {
                let (Some(name), Some(of)) = (rows.folder.get(position), rows.attributes.get(position)) else { break };
                let Ok(shown) = U16CString::from_vec(name.shown.to_vec()) else { continue };
                if !add(DirInfo::new(info(of), &shown)) {
                    return Ok(());
                }
            }
            Ok(())
        })
    }

    fn get_dir_info_by_name(&self, open: Self::FileContext, file_name: &U16CStr) -> Result<FileInfo, NTSTATUS> {
        guarded(|| {
            let rows = self.rows(&open, false)?;
            let found = rows.folder.find(file_name.as_slice()).and_then(|position| rows.attributes.get(position));
            found.map(info).ok_or(status::OBJECT_NAME_NOT_FOUND)
        })
    }

    fn get_reparse_point(
        &self,
        open: Self::FileContext,
        _file_name: &U16CStr,
        buffer: &mut [u8],
    ) -> Result<usize, NTSTATUS> {
        guarded(|| self.link(&open.attributes, buffer))
    }

    fn get_reparse_point_by_name(
        &self,
        file_name: &U16CStr,
        _is_directory: bool,
        buffer: Option<&mut [u8]>,
    ) -> Result<usize, NTSTATUS> {
        guarded(|| {
            let of = self.resolve(file_name)?;
            match buffer {
                Some(buffer) => self.link(&of, buffer),
                // Without a buffer there is no place for a length either, and the binding would write it.
                None => Err(status::NOT_A_REPARSE_POINT),
            }
        })
    }

    // From here on: what a drive that nobody can write to refuses. Windows refuses most of it before we are asked. Without
    // the first two, WinFsp would open nothing at all.

    fn create(
        &self,
        _file_name: &U16CStr,
        _create_file_info: CreateFileInfo,
        _security_descriptor: SecurityDescriptor,
    ) -> Result<(Self::FileContext, FileInfo), NTSTATUS> {
        Err(status::MEDIA_WRITE_PROTECTED)
    }

    fn overwrite(
        &self,
        _open: Self::FileContext,
        _file_attributes: FileAttributes,
        _replace_file_attributes: bool,
        _allocation_size: u64,
    ) -> Result<FileInfo, NTSTATUS> {
        Err(status::MEDIA_WRITE_PROTECTED)
    }

    fn write(&self, _open: Self::FileContext, _buffer: &[u8], _mode: WriteMode) -> Result<(usize, FileInfo), NTSTATUS> {
        Err(status::MEDIA_WRITE_PROTECTED)
    }

    fn set_basic_info(
        &self,
        _open: Self::FileContext,
        _file_attributes: FileAttributes,
        _creation_time: u64,
        _last_access_time: u64,
        _last_write_time: u64,
        _change_time: u64,
    ) -> Result<FileInfo, NTSTATUS> {
        Err(status::MEDIA_WRITE_PROTECTED)
    }

    fn set_file_size(
        &self,
        _open: Self::FileContext,
        _new_size: u64,
        _set_allocation_size: bool,
    ) -> Result<FileInfo, NTSTATUS> {
        Err(status::MEDIA_WRITE_PROTECTED)
    }

    fn set_delete(&self, _open: Self::FileContext, _file_name: &U16CStr, _delete: bool) -> Result<(), NTSTATUS> {
        Err(status::MEDIA_WRITE_PROTECTED)
    }

    fn rename(
        &self,
        _open: Self::FileContext,
        _file_name: &U16CStr,
        _new_file_name: &U16CStr,
        _replace_if_exists: bool,
    ) -> Result<(), NTSTATUS> {
        Err(status::MEDIA_WRITE_PROTECTED)
    }

    fn set_security(
        &self,
        _open: Self::FileContext,
        _security_information: u32,
        _modification_descriptor: PSecurityDescriptor,
    ) -> Result<(), NTSTATUS> {
        Err(status::MEDIA_WRITE_PROTECTED)
    }
}
