//! `codex-git completions`.

use clap::{Args, ValueEnum};
use clap_complete::env::Shells;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};

/// Print a script that completes commands, saves and sessions in a shell
///
/// bash: `source <(codex-git completions bash)`; zsh: `source <(codex-git completions zsh)`; fish: `codex-git completions fish |
/// source`; PowerShell: `codex-git completions powershell | Out-String | Invoke-Expression`.
#[derive(Args)]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

#[derive(Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
}

impl Shell {
    const fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
        }
    }
}

pub fn run(context: &Context, args: &CompletionsArgs) -> Outcome {
    let shells = Shells::builtins();
    let shell = shells.completer(args.shell.name()).ok_or(Failure::Said)?;
    let mut script = Vec::new();
    shell.write_registration("COMPLETE", "codex_git", "codex-git", "codex-git", &mut script)?;
    Ok(context.ui.page(|out| out.write_all(&script))?)
}
