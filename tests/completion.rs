//! Names in a shell: what completes while a person types, and what is printed to be pasted. A save's name can hold whatever git takes, and comes from
//! prompts, models and other people's stores, so nothing of it may ever run.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::support::executable::write_script;
use crate::support::synthetic::Synthetic;
use crate::support::terminal::Terminal;
use crate::support::{Fixture, Home, ran};

/// Names that a shell would read, if it were let; each would make a file `P_exec`.
const ODD: [&str; 9] = [
    "x$(touch${IFS}P_exec)",
    "x`touch${IFS}P_exec`",
    "x;touch${IFS}P_exec;",
    "x&touch${IFS}P_exec&",
    "x|touch${IFS}P_exec",
    "x'$(touch${IFS}P_exec)'",
    "x\"$(touch${IFS}P_exec)\"",
    "x>P_exec",
    "x!{a,b}#$HOME'",
];

/// A home with a session of three turns. Gives its id.
fn home() -> (Home, String) {
    let (home, session) = (Home::empty(), Synthetic::new(7));
    home.put(&session.name, session.rollout(3, 300).as_bytes());
    home.ok("init -q --no-hooks");
    (home, session.id)
}

/// A bash that completes codex-git's words.
fn bash(home: &Home) -> Option<Terminal> {
    Command::new("bash").arg("--version").output().ok()?;
    let program = Path::new(env!("CARGO_BIN_EXE_codex-git")).parent().unwrap();
    let paths = std::env::var_os("PATH").unwrap();
    let paths = std::iter::once(program.to_owned()).chain(std::env::split_paths(&paths));
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-i"]).current_dir(home.work());
    command.env("CODEX_HOME", home.path()).env("HOME", home.path()).env_remove("CODEX_THREAD_ID");
    command.env("PATH", std::env::join_paths(paths).unwrap()).env("PS1", "> ").env("HISTFILE", "/dev/null");
    let terminal = Terminal::run(&command);
    terminal
        .press("source <(codex-git completions bash); bind 'set enable-bracketed-paste off'; echo ready-$((40 + 2))\r");
    terminal.shows("ready-42");
    Some(terminal)
}

/// Waits until the shell has done all that was typed.
fn done(terminal: &Terminal, number: usize) -> String {
    terminal.press(&format!("\recho done-$(({number} + 0))-\r"));
    terminal.shows(&format!("done-{number}-"))
}

#[test]
fn what_completes_runs_nothing() {
    for (at, odd) in ODD.iter().enumerate() {
        let (home, id) = home();
        home.ok("save plain-name");
        assert_eq!(home.run(["save", odd, &id]).code, 0, "{odd}");
        assert!(home.ok("saves --json").json().iter().any(|save| save["name"] == *odd), "git takes {odd}");
        let Some(terminal) = bash(&home) else { return };
        let mut shown = String::new();
        for (nth, line) in
            ["codex-git log x\t", "codex-git fork x\t\t", "codex-git save --delete x\t"].iter().enumerate()
        {
            terminal.press(line);
            shown = done(&terminal, 10 * at + nth);
        }
        let left: Vec<_> = fs::read_dir(home.work()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.is_empty(), "{odd}: {left:?}\n{shown}");
        terminal.press("codex-git show plain-n\t");
        terminal.shows("codex-git show plain-name");
        terminal.press("\r");
        done(&terminal, 10 * at + 9);
        terminal.kill();
    }
}

#[test]
fn verbs_and_sessions_complete() {
    let (home, id) = home();
    let Some(terminal) = bash(&home) else { return };
    terminal.press("codex-git compl\t");
    terminal.shows("codex-git completions");
    done(&terminal, 1);
    terminal.press(&format!("codex-git log {}\t", &id[..9]));
    terminal.shows(&format!("codex-git log {id}"));
    terminal.kill();
}

#[test]
fn names_of_any_script_complete() {
    let (home, _) = home();
    for name in ["\u{e9}t\u{e9}", "cafe\u{301}", "日本語"] {
        home.ok(&format!("save -q {name}"));
    }
    let Some(terminal) = bash(&home) else { return };
    for (number, (typed, shown)) in (1..).zip([("\u{e9}t", "\u{e9}t\u{e9}"), ("caf", "cafe\u{301}"), ("日", "日本語")])
    {
        terminal.press(&format!("codex-git log {typed}\t"));
        terminal.shows(&format!("codex-git log {shown}"));
        terminal.press("\u{15}");
        done(&terminal, number);
    }
    terminal.kill();
}

#[test]
fn keys_of_the_settings_their_values_and_moved_directories_complete() {
    let (home, _) = home();
    let gone = Synthetic::new(8);
    home.put(&gone.name, gone.rollout(1, 10).replace("\"/work\"", "\"/far-away/and/gone\"").as_bytes());
    home.ok("moved /work/gone .");
    let Some(terminal) = bash(&home) else { return };
    for (number, (typed, shown)) in (1..).zip([
        ("codex-git config au\t", "codex-git config autogc"),
        ("codex-git config date l\t", "codex-git config date local"),
        ("codex-git config autogc f\t", "codex-git config autogc false"),
        ("codex-git config --unset map /work/g\t", "codex-git config --unset map /work/gone="),
        ("codex-git moved --forget /work/g\t", "codex-git moved --forget /work/gone"),
        ("codex-git moved /far\t", "codex-git moved /far-away/and/gone"),
    ]) {
        terminal.press(typed);
        terminal.shows(shown);
        terminal.press("\u{15}");
        done(&terminal, number);
    }
    terminal.kill();
}

/// The commands in what was printed, as a person would copy them: to the line's end, without the words around them.
fn commands(printed: &str) -> Vec<String> {
    let after = [" brings it back", "`; ", "`, ", "` "];
    let mut commands = Vec::new();
    for line in printed.lines() {
        for (at, _) in line.match_indices("codex-git ").filter(|(at, _)| !line[..*at].ends_with(['/', '!'])) {
            let command = &line[at..];
            // In back quotes, a command ends with the last of them that can be its end.
            let is_quoted = line[..at].ends_with('`');
            let ends = after.iter().filter(|end| is_quoted == end.starts_with('`'));
            let end = ends.filter_map(|end| command.rfind(end)).min().unwrap_or(command.len());
            commands.push(command[..end].trim_end_matches('.').to_owned());
        }
    }
    commands
}

/// What a command that is pasted into a shell runs codex-git with, where a script of that name prints its words.
fn pasted(command: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let (bin, work) = (folder.path().join("bin"), folder.path().join("work"));
    [&bin, &work].iter().for_each(|path| fs::create_dir(path).unwrap());
    let script = bin.join("codex-git");
    write_script(&script, "for word; do printf '%s\\n' \"$word\"; done");
    let paths = std::env::var_os("PATH").unwrap();
    let paths = std::iter::once(bin).chain(std::env::split_paths(&paths));
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(&work).env("PATH", std::env::join_paths(paths).unwrap());
    let ran = ran(shell.stdin(Stdio::null()).output().unwrap());
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{command}");
    assert_eq!(fs::read_dir(&work).unwrap().count(), 0, "{command} made something");
    ran.stdout.lines().map(str::to_owned).collect()
}

/// One command of what was printed names `verb` and exactly this word, and nothing that it names does anything else.
fn names(printed: &str, verb: &str, word: &str) {
    let found: Vec<Vec<String>> = commands(printed).iter().map(|command| pasted(command)).collect();
    let is_it = |words: &Vec<String>| words.join(" ").contains(verb) && words.iter().any(|one| one == word);
    assert!(found.iter().any(is_it), "no command `{verb}` of {word} in:\n{printed}\n{found:?}");
}

/// What Codex would show for a prompt.
fn typed(home: &Home, rollout: &Path, prompt: &str) -> String {
    let event = json!({ "session_id": "s", "transcript_path": rollout, "hook_event_name": "UserPromptSubmit", "prompt": prompt, "turn_id": "t" });
    let mut command = home.command();
    let mut child = command.arg("hook").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(event.to_string().as_bytes()).unwrap();
    let answer = ran(child.wait_with_output().unwrap());
    answer.json()[0]["stopReason"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_printed_to_be_pasted_names_a_save_exactly() {
    for odd in ODD {
        let (home, id) = home();
        let run = |words: &[&str]| home.run(words.iter().map(|word| word.replace("%ODD", odd)));
        run(&["save", "%ODD", &format!("{id}~1")]);
        let ran = home.command().env("PATH", "/nowhere").args(["resume", odd]).output().unwrap();
        names(&String::from_utf8(ran.stderr).unwrap(), "fork --resume", odd);
        names(&run(&["save", "--delete", "%ODDx"]).stderr, "save --delete", odd);
        names(&run(&["save", "--delete", "%ODD"]).stderr, "save", odd);
        run(&["save", "%ODD", &id]);
        names(&run(&["save", "--undo", "%ODD"]).stderr, "save", odd);
        let place = home.place(&Synthetic::new(7).name);
        let told = typed(&home, &place, &format!(" /save {odd}"));
        assert!(told.contains(&format!("Saved session '{odd}'")), "{told}");
        names(&typed(&home, &place, &format!(" /undo-save {odd}")), "save", odd);
        // With the options that the person gave.
        let path = home.path();
        run(&["save", "%ODD", &id]);
        let told = run(&["--codex-home", path.to_str().unwrap(), "save", "--delete", "%ODDx"]).stderr;
        names(&told, "save --delete", odd);
        names(&told, "--codex-home", path.to_str().unwrap());
    }
}

#[test]
fn what_is_printed_to_be_pasted_names_a_revision_and_a_path_exactly() {
    for odd in ODD {
        // The codex home itself has that name.
        let (home, case) = (Home::empty(), Fixture::lineage("revert"));
        let path = home.work().join(odd);
        let folder = path.join("sessions/2026/11/22");
        fs::create_dir_all(&folder).unwrap();
        let place = folder.join(&case[0].0);
        let run = |words: &[&str]| {
            let words = words.iter().map(|word| word.replace("%ODD", odd));
            ran(home.command().arg("--codex-home").arg(&path).args(words).output().unwrap())
        };
        fs::write(&place, &case[0].1).unwrap();
        assert_eq!(run(&["init", "-q", "--no-hooks"]).code, 0);
        let id = &case[0].0[28..64];
        run(&["save", "%ODD", id]);
        fs::write(folder.join(&case[1].0), &case[1].1).unwrap();
        run(&["record", "-q"]);
        let told = run(&["restore", "%ODD~0"]).stderr;
        if told.contains("codex-git") {
            names(&told, "restore --as-fork", &format!("{odd}~0"));
        }
        let told = run(&["restore", &format!("{id}@{{before}}")]).stderr;
        names(&told, "restore --as-fork", &format!("{id}@{{before}}"));
        names(&told, "--codex-home", path.to_str().unwrap());
        let last = folder.join(&case[1].0);
        fs::File::options().append(true).open(&last).unwrap().write_all(b"{\"torn").unwrap();
        names(&run(&["evict", id]).stderr, "record", last.to_str().unwrap());
    }
}
