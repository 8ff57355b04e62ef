//! `bygone --version`.

use bygone_vault::Result;

use crate::exit::Outcome;
use crate::global::Global;
use crate::output::Output;

pub(crate) fn run(global: &Global) -> Result<Outcome> {
    let mut output = Output::new()?;
    output.line(&format!("bygone {}", env!("CARGO_PKG_VERSION")))?;
    if global.verbose > 0 {
        output.line(&format!("for {} on {}", std::env::consts::OS, std::env::consts::ARCH))?;
        output.line(&format!("mount: {}", if cfg!(feature = "mount") { "yes" } else { "not built in" }))?;
        output.line("repository formats: restic 1 and 2")?;
        output.line("license: Apache-2.0 OR MIT")?;
        #[cfg(feature = "mount")]
        output.line(bygone_fs::WINFSP_NOTICE)?;
    }
    output.finish()?;
    Ok(Outcome::Done)
}
