//! The `codex-git` program: words in, words and an exit code out.

mod cli;
#[cfg(feature = "ui")]
mod picker;
mod ui;

fn main() -> std::process::ExitCode {
    cli::main()
}
