//! `codex-git man`.

use std::fs;
use std::path::PathBuf;

use clap::{Args, Command};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::words::{count, shown};

/// Write the manual pages
#[derive(Args)]
pub struct ManArgs {
    /// The folder for them, such as ~/.local/share/man/man1
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub fn run(context: &Context, args: &ManArgs, command: Command) -> Outcome {
    let doing = |doing| move |error| Failure::Io(doing, error);
    fs::create_dir_all(&args.folder).map_err(doing("make the folder"))?;
    let command = command.help_template("{about}").disable_help_flag(true);
    clap_mangen::generate_to(command, &args.folder).map_err(doing("write the manual pages"))?;
    let pages = fs::read_dir(&args.folder).map_err(doing("read the folder"))?.count();
    context.ui.say(format_args!("{} in {}", count(pages, "manual page"), shown(&args.folder)));
    Ok(())
}
