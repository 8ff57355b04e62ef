//! `bench decode`: how fast this machine can check, decrypt and unpack blobs that are in memory: the ceiling of all reads.

use super::data::{self, Set};
use super::peers::Peer;
use super::table::{Table, Unit};
use super::{Stage, rotated};
use crate::process;
use anyhow::{Context, Result};
use serde::Deserialize;

/// What `bygone debug decode --json` prints.
#[derive(Deserialize)]
struct Decoded {
    bytes: u64,
    seconds: f64,
    threads: u32,
}

pub(crate) fn run(stage: &Stage, table: &mut Table) -> Result<()> {
    for kind in [Set::Big, Set::Source].into_iter().filter(|kind| stage.uses(*kind)) {
        let set = data::prepare(stage, kind)?;
        for peer in rotated(stage, &[Peer::Bygone]) {
            let text = process::text(peer.command(stage, &set.repository)?.args(["debug", "decode", "--json"]))?;
            let decoded: Decoded = serde_json::from_str(&text).context("what `bygone debug decode` printed")?;
            let speed = decoded.bytes as f64 / f64::from(1 << 20) / decoded.seconds;
            table.add(
                &format!("decoding {}, {} threads", kind.name(), decoded.threads),
                Unit::MebibytesPerSecond,
                peer,
                speed,
            );
        }
    }
    Ok(())
}
