//! `codex-git demo`.

use clap::Args;

use super::Outcome;
use super::context::Context;

/// Show what codex-git does, on sample sessions in a temporary folder
#[derive(Args)]
pub struct DemoArgs {
    /// Keep the folder
    #[arg(long)]
    keep: bool,
}

pub fn run(_: &Context, _: &DemoArgs) -> Outcome {
    Ok(())
}
