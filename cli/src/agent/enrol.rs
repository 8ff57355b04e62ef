//! `bygone agent enrol`.

use std::io::Read as _;
use std::path::PathBuf;

use bygone_agent::{Folder, enrol};
use bygone_common::Secret;
use bygone_vault::{Error, ErrorKind, Result};
use clap::Args;
use serde::Serialize;

use super::{StateArgs, failure, runtime};
use crate::exit::Outcome;
use crate::global::Global;
use crate::output::show;
use crate::password::variable;

/// Bytes that a token has at most.
const TOKEN_BYTES_MAX: u64 = 1_024;

/// Make this machine an agent of a server
///
/// The token is used up by this, and says which server to trust.
#[derive(Debug, Args)]
pub(super) struct Enrol {
    /// Where agents connect to: https://backup.example:8322 [env: BYGONE_AGENT_SERVER]
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// A file that holds the enrolment token; - is standard input [env: BYGONE_ENROLMENT_TOKEN_FILE; the token itself:
    /// BYGONE_ENROLMENT_TOKEN]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The enrolment token: other users of this machine can read it while this runs
    #[arg(long, value_name = "TOKEN", conflicts_with = "token_file")]
    token: Option<String>,
    #[command(flatten)]
    state: StateArgs,
}

#[derive(Serialize)]
struct EnrolledLine {
    agent: String,
    org: String,
    server: String,
    state: String,
    certificate_expires_at: String,
}

impl Enrol {
    pub(super) fn run(self, global: &Global) -> Result<Outcome> {
        let missing = || Error::new(ErrorKind::InvalidInput, "which server? Give --server URL");
        let server = match &self.server {
            Some(server) => server.clone(),
            None => variable("BYGONE_AGENT_SERVER")?.ok_or_else(missing)?,
        };
        let token = self.token()?;
        let folder = Folder::create(&self.state.path()?).map_err(failure)?;
        let enrolling = enrol::enrol(&folder, &server, &token, jiff::Timestamp::now());
        let enrolled = runtime()?.block_on(enrolling).map_err(failure)?;
        let line = || EnrolledLine {
            agent: enrolled.agent.to_string(),
            org: enrolled.org.to_string(),
            server: enrolled.server.clone(),
            state: folder.path().display().to_string(),
            certificate_expires_at: enrolled.expires_at.to_string(),
        };
        show(global, line, |output| {
            if global.quiet {
                return Ok(());
            }
            output.line(&format!("this machine is agent {} of {}", enrolled.agent, enrolled.server))?;
            output.line("bygone agent install makes it a service; bygone agent run tries it out")
        })?;
        Ok(Outcome::Done)
    }

    fn token(&self) -> Result<Secret<String>> {
        if let Some(token) = &self.token {
            return Ok(Secret::new(token.trim().to_owned()));
        }
        let file = match &self.token_file {
            Some(file) => Some(file.clone()),
            None => variable("BYGONE_ENROLMENT_TOKEN_FILE")?.map(PathBuf::from),
        };
        if let Some(file) = file {
            let mut text = String::new();
            let read = if file.as_os_str() == "-" {
                std::io::stdin().lock().take(TOKEN_BYTES_MAX).read_to_string(&mut text)
            } else {
                std::fs::File::open(&file).and_then(|open| open.take(TOKEN_BYTES_MAX).read_to_string(&mut text))
            };
            read.map_err(|error| Error::io(format!("read the enrolment token in {}", file.display()), error))?;
            return Ok(Secret::new(text.trim().to_owned()));
        }
        let missing = || Error::new(ErrorKind::InvalidInput, "no enrolment token: give --token-file FILE");
        variable("BYGONE_ENROLMENT_TOKEN")?.map(|text| Secret::new(text.trim().to_owned())).ok_or_else(missing)
    }
}
