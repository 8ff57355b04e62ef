//! What the gateway counts. Labels are kinds of files and outcomes, never names.

use bygone_vault::backend::FileKind;
use metrics::counter;

use super::label;

/// Bytes that clients sent and that are there now, by kind of file.
pub(super) fn received(kind: FileKind, bytes: u64) {
    counter!("bygone_gateway_received_bytes_total", "kind" => label(kind)).increment(bytes);
    counter!("bygone_gateway_received_files_total", "kind" => label(kind)).increment(1);
}

/// Bytes that were sent to clients, by kind of file.
pub(super) fn sent(kind: FileKind, bytes: u64) {
    counter!("bygone_gateway_sent_bytes_total", "kind" => label(kind)).increment(bytes);
}

/// Files that clients removed, by kind.
pub(super) fn removed(kind: FileKind) {
    counter!("bygone_gateway_removed_files_total", "kind" => label(kind)).increment(1);
}
