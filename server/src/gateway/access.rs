//! What a credential lets its holder do: one match over access, method and target.

use axum::http::{Method, StatusCode};
use bygone_store::gateway_credentials::GatewayAccess;
use bygone_vault::backend::{FileId, FileKind};

use super::path::Target;
use super::refusal::Refusal;
use super::sign_in::Guest;

/// # Errors
/// 403 when this credential does not allow it.
pub(super) fn check(guest: &Guest, method: &Method, target: Target) -> Result<(), Refusal> {
    if allows(guest.access, method, target) {
        return Ok(());
    }
    let sentence = match guest.access {
        GatewayAccess::ReadOnly => "this credential reads only",
        GatewayAccess::AppendOnly | GatewayAccess::Full => "this credential adds only: it removes nothing but locks",
    };
    Err(Refusal::new(StatusCode::FORBIDDEN, sentence))
}

fn allows(access: GatewayAccess, method: &Method, target: Target) -> bool {
    let adds = method == Method::POST;
    let removes = method == Method::DELETE;
    let is_lock = matches!(target, Target::File(FileId { kind: FileKind::Lock, id: _ }));
    match access {
        GatewayAccess::Full => true,
        GatewayAccess::AppendOnly => !removes || is_lock,
        // restic locks what it reads, so that nobody prunes it meanwhile.
        GatewayAccess::ReadOnly => !(adds || removes) || is_lock,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bygone_common::Id;

    #[test]
    fn a_credential_allows_what_its_access_says() {
        use GatewayAccess::{AppendOnly, Full, ReadOnly};
        let file = |kind| Target::File(FileId::new(kind, Id::new([1; 32])));
        let (pack, lock, config) = (file(FileKind::Pack), file(FileKind::Lock), Target::File(FileId::CONFIG));
        for (access, method, target, expected) in [
            (ReadOnly, Method::GET, pack, true),
            (ReadOnly, Method::HEAD, config, true),
            (ReadOnly, Method::GET, Target::Folder(FileKind::Pack), true),
            (ReadOnly, Method::POST, lock, true),
            (ReadOnly, Method::DELETE, lock, true),
            (ReadOnly, Method::POST, pack, false),
            (ReadOnly, Method::POST, Target::Repository, false),
            (ReadOnly, Method::POST, file(FileKind::Snapshot), false),
            (AppendOnly, Method::POST, pack, true),
            (AppendOnly, Method::POST, Target::Repository, true),
            (AppendOnly, Method::DELETE, lock, true),
            (AppendOnly, Method::DELETE, pack, false),
            (AppendOnly, Method::DELETE, file(FileKind::Snapshot), false),
            (AppendOnly, Method::DELETE, file(FileKind::Index), false),
            (AppendOnly, Method::DELETE, file(FileKind::Key), false),
            (AppendOnly, Method::DELETE, config, false),
            (Full, Method::DELETE, pack, true),
        ] {
            assert_eq!(allows(access, &method, target), expected, "{access} {method} {target:?}");
        }
    }
}
