//! `bygone debug`: what our own benches ask. No promise to anybody.

use bygone_vault::{Result, decode};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::exit::Outcome;
use crate::global::Global;
use crate::open::open;
use crate::output::Output;
use crate::units::{parse_size, show_size};

/// For benches and the curious
#[derive(Debug, Args)]
pub(crate) struct Debug {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Measure how fast data blobs are checked, decrypted and unpacked, from memory to memory
    Decode {
        /// On so many threads [default: one for each core]
        #[arg(long)]
        threads: Option<usize>,
        /// At most so many plain bytes
        #[arg(long, value_parser = parse_size, default_value = "4G")]
        bytes: u64,
    },
}

#[derive(Serialize)]
struct DecodeLine {
    bytes: u64,
    seconds: f64,
    threads: usize,
}

impl Debug {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let What::Decode { threads, bytes } = self.what;
        let threads = match threads {
            Some(threads) => threads.max(1),
            None => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        };
        let measured = decode::measure(&open(global)?, threads, bytes)?;
        let line =
            DecodeLine { bytes: measured.bytes, seconds: measured.elapsed.as_secs_f64(), threads: measured.threads };
        let mut output = Output::new()?;
        if global.json {
            output.json(&line)?;
        } else {
            let each_second = line.bytes as f64 / line.seconds.max(f64::MIN_POSITIVE);
            let text = format!("{} a second on {} threads", show_size(each_second as u64), line.threads);
            output.line(&text)?;
        }
        output.finish()?;
        Ok(Outcome::Done)
    }
}
