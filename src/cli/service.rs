//! The service files that have the system run `codex-git watch`, for systemd and for launchd.

use clap::ValueEnum;

use super::context::Context;
use super::failure::{Failure, Outcome};
use crate::ui::{DIM, RESET};

/// What runs services.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Manager {
    /// Linux, as the user's own service
    Systemd,
    /// macOS
    Launchd,
}

impl Manager {
    /// The one of this system.
    pub const fn native() -> &'static str {
        if cfg!(target_os = "macos") { "launchd" } else { "systemd" }
    }
}

/// Prints the file, and says what to do with it.
pub fn print(context: &Context, manager: Manager) -> Outcome {
    let program = std::env::current_exe().map_err(|error| Failure::Io("find this program", error))?;
    let (home, store) = (&context.home, &context.store);
    let words = [
        program.as_os_str(),
        "--codex-home".as_ref(),
        home.as_ref(),
        "--store".as_ref(),
        store.as_ref(),
        "watch".as_ref(),
    ]
    .iter()
    // A line of a service file can hold neither a line feed nor what is no text.
    .map(|word| word.to_str().filter(|word| !word.contains(char::is_control)).map(str::to_owned))
    .collect::<Option<Vec<String>>>();
    let odd = || {
        Failure::Usage(
        "a service file can't name this program, codex home or store: the path has control characters or is not UTF-8".to_owned(),
        "codex-git watch".to_owned(),
    )
    };
    let words = words.ok_or_else(odd)?;
    let (file, how) = match manager {
        Manager::Systemd => (
            systemd(&words),
            "put it into ~/.config/systemd/user/codex-git.service, then: systemctl --user enable --now codex-git",
        ),
        Manager::Launchd => (
            launchd(&words),
            "put it into ~/Library/LaunchAgents/codex-git.watch.plist, then: launchctl load ~/Library/LaunchAgents/codex-git.watch.plist",
        ),
    };
    context.ui.data(file.trim_end())?;
    context.ui.say(format_args!("{DIM}{how}{RESET}"));
    Ok(())
}

/// A unit file (`man systemd.service`): words are quoted, and `%` and `$` mean themselves.
fn systemd(words: &[String]) -> String {
    let quoted = |word: &String| {
        let word = word.replace('\\', r"\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
        format!("\"{word}\"")
    };
    let command = words.iter().map(quoted).collect::<Vec<_>>().join(" ");
    format!(
        "[Unit]\nDescription=Record Codex sessions as they grow\n\n[Service]\nExecStart={command}\nRestart=on-failure\nNice=10\n\n\
         [Install]\nWantedBy=default.target\n"
    )
}

/// A property list (`man launchd.plist`).
fn launchd(words: &[String]) -> String {
    let escaped = |word: &String| {
        let word = word.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        format!("    <string>{word}</string>\n")
    };
    let words: String = words.iter().map(escaped).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\">\n<dict>\n  <key>Label</key>\n  <string>codex-git.watch</string>\n  <key>ProgramArguments</key>\n  \
         <array>\n{words}  </array>\n  <key>RunAtLoad</key>\n  <true/>\n  <key>KeepAlive</key>\n  <true/>\n  <key>ProcessType</key>\n  \
         <string>Background</string>\n</dict>\n</plist>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_paths_stay_one_word() {
        let words = ["/a b/c\"%$".to_owned(), "<&>".to_owned()];
        assert!(systemd(&words).contains("ExecStart=\"/a b/c\\\"%%$$\" \"<&>\"\n"));
        assert!(launchd(&words).contains("<string>/a b/c\"%$</string>\n    <string>&lt;&amp;&gt;</string>"));
    }
}
