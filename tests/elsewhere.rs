//! Going on where a session was not before: on a machine whose Codex has another provider, in a directory that lies elsewhere, with real Codex
//! of both eras. What reaches the model is the whole conversation.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::app_server::AppServer;
use crate::support::codex::{CURRENT, Codex, LEGACY};
use crate::support::terminal::Terminal;
use crate::support::{Fixture, Home, Ran, copy_folder, line_ends, ran};

/// A Codex whose session began with the provider `mock`, in a folder of a repository.
struct Machine {
    codex: Codex,
    id: String,
}

impl Machine {
    fn new(version: &'static str) -> Self {
        let codex = Codex::new(version);
        let work = codex.home.work();
        let git = |words: &[&str]| drop(ran(Command::new("git").args(words).current_dir(&work).output().unwrap()));
        git(&["remote", "add", "origin", "https://example.org/team/project.git"]);
        git(&["-c", "user.name=A", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "begin"]);
        fs::create_dir_all(work.join("sub")).unwrap();
        let mut first = codex.command();
        let begun = ran(first.args(["exec", "one"]).current_dir(work.join("sub")).output().unwrap());
        let id = begun.stderr.lines().chain(begun.stdout.lines()).find_map(|line| line.strip_prefix("session id: "));
        let id = id.unwrap_or_else(|| panic!("{begun:?}")).trim().to_owned();
        codex.ok("init -q --no-hooks");
        Self { codex, id }
    }

    /// Codex has these providers from now on, of which the first is the one for new sessions.
    fn providers(&self, names: &[&str]) {
        let table = |name: &&str| {
            format!(
                "[model_providers.{name}]\nname = \"{name}\"\nbase_url = \"{}\"\nwire_api = \"responses\"\n",
                self.codex.server.url()
            )
        };
        let tables: String = names.iter().map(table).collect();
        let config = format!(
            "model = \"mock-model\"\nmodel_provider = \"{}\"\napproval_policy = \"never\"\nsandbox_mode = \"danger-full-access\"\n{tables}",
            names[0]
        );
        fs::write(self.codex.home.path().join("config.toml"), config).unwrap();
    }

    /// The work tree lies elsewhere from now on.
    fn move_work(&self) -> PathBuf {
        let place = self.codex.home.path().parent().unwrap().join("elsewhere");
        fs::rename(self.codex.home.work(), &place).unwrap();
        place
    }

    /// Asks a session more, by `codex-git resume` in a directory.
    fn resume(&self, id: &str, prompt: &str, directory: &Path) -> Ran {
        // What stands in for `codex` lies there.
        fs::create_dir_all(self.codex.home.work()).unwrap();
        ran(self.codex.resuming(prompt).args(["resume", id]).current_dir(directory).output().unwrap())
    }

    fn holds(&self, prompts: &[&str]) {
        let told = self.codex.server.last_history();
        let asked: Vec<&str> = told.iter().filter_map(|said| said.strip_prefix("user: ")).collect();
        assert_eq!(asked, prompts);
    }
}

#[test]
fn a_session_goes_on_with_its_own_provider_where_that_is_not_the_first() {
    for version in [CURRENT, LEGACY] {
        let machine = Machine::new(version);
        machine.providers(&["other", "mock"]);
        let told = machine.resume(&machine.id, "two", &machine.codex.home.work());
        assert_eq!(told.code, 0, "{version}: {told:?}");
        assert!(told.stderr.contains("with the provider mock, as before"), "{version}: {}", told.stderr);
        machine.holds(&["one", "two"]);
    }
}

#[test]
fn where_its_provider_is_not_there_a_session_is_forked_for_another() {
    for version in [CURRENT, LEGACY] {
        let machine = Machine::new(version);
        machine.providers(&["other"]);
        let refused = machine.resume(&machine.id, "two", &machine.codex.home.work());
        assert_eq!(refused.code, 1, "{version}: {refused:?}");
        assert!(refused.stderr.contains("was with the provider `mock`, which Codex does not have here"), "{version}");
        let short = &machine.id[..13];
        assert!(refused.stderr.contains(&format!("hint: codex-git fork --resume {short}\n")), "{}", refused.stderr);
        assert!(refused.stderr.contains(&format!("hint: codex-git resume {short} -- -c ")), "{}", refused.stderr);
        let examined = machine.codex.home.run(["doctor"]).stderr;
        let hidden =
            "1 session with the provider `mock`, which Codex does not have here\nhint: codex-git fork --resume ";
        assert!(examined.contains(&format!("{hidden}{short}\n")), "{version}: {examined}");
        let forked = machine.codex.home.ok(&format!("fork {}", machine.id));
        assert!(
            forked.stderr.contains("with the provider other: Codex does not have `mock` here"),
            "{}",
            forked.stderr
        );
        let fork = forked.stdout.trim();
        let told = machine.resume(fork, "two", &machine.codex.home.work());
        assert_eq!(told.code, 0, "{version}: {told:?}");
        machine.holds(&["one", "two"]);
        machine.codex.home.ok("record -q");
        machine.codex.home.ok("verify -q");
        // The turn that both have is the same object; before 0.100 none has ended before the next begins.
        let blob = |session: &str| machine.codex.home.git(&format!("rev-parse {session}:0000/01.jsonl"));
        assert!(version == LEGACY || blob(&machine.id) == blob(fork), "{version}");
        // The fork of the fork, and a fork for a provider that is named.
        let again = machine.codex.home.ok(&format!("fork {fork} --provider other")).stdout;
        assert_eq!(machine.resume(again.trim(), "three", &machine.codex.home.work()).code, 0, "{version}");
        machine.holds(&["one", "two", "three"]);
        // Of one that nobody has gone on with.
        machine.providers(&["third", "other"]);
        let unopened = machine.codex.home.ok(&format!("fork {fork} --provider other"));
        assert!(unopened.stderr.contains("continue it with: codex-git resume "), "{}", unopened.stderr);
        let of_it = machine.codex.home.ok(&format!("fork {}", unopened.stdout.trim())).stdout;
        let lean = machine.codex.home.ok(&format!("fork {} --lean 1", unopened.stdout.trim())).stdout;
        for of_it in [of_it.trim(), lean.trim()] {
            let told = machine.resume(of_it, "four", &machine.codex.home.work());
            assert!(
                told.code == 0 && told.stderr.contains("with the provider other, as before"),
                "{version}: {told:?}"
            );
            machine.holds(&["one", "two", "four"]);
        }
        let unknown = machine.codex.home.run(["fork", fork, "--provider", "nobody"]);
        assert!(unknown.code == 2 && unknown.stderr.contains("other"), "{unknown:?}");
    }
}

#[test]
fn the_two_ways_that_a_refusal_names_are_ways() {
    let machine = Machine::new(CURRENT);
    machine.providers(&["other"]);
    let refused = machine.resume(&machine.id, "two", &machine.codex.home.work());
    let hint = refused.stderr.lines().filter_map(|line| line.strip_prefix("hint: codex-git ")).nth(1).unwrap();
    let words = hint.replace("URL", &machine.codex.server.url());
    let mut shell = machine.codex.resuming("two");
    let (program, home) = (env!("CARGO_BIN_EXE_codex-git"), machine.codex.home.work());
    let path = shell.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap().to_owned();
    let mut command = Command::new("sh");
    let command = command.args(["-c", &format!("'{program}' {words}")]).current_dir(home).env("PATH", path);
    for (name, value) in shell.current_dir("/").get_envs().filter(|(name, _)| *name != "PATH") {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let told = ran(command.output().unwrap());
    assert_eq!(told.code, 0, "{told:?}");
    machine.holds(&["one", "two"]);
}

#[test]
fn a_session_goes_on_where_its_directory_is_now() {
    for version in [CURRENT, LEGACY] {
        let machine = Machine::new(version);
        let place = machine.move_work();
        // In a clone of its repository: in the same folder of that.
        let told = machine.resume(&machine.id, "two", &place);
        assert_eq!(told.code, 0, "{version}: {told:?}");
        assert!(told.stderr.contains("and this is a clone of its repository"), "{version}: {}", told.stderr);
        machine.holds(&["one", "two"]);
        machine.codex.home.ok("record -q");
        let now = &machine.codex.home.ok(&format!("log --json -n 1 {}", machine.id)).json()[0];
        assert_eq!(now["cwd"], place.join("sub").to_str().unwrap(), "{version}");
    }
}

#[test]
fn a_session_goes_on_where_its_directory_was_said_to_be_moved() {
    for version in [CURRENT, LEGACY] {
        let machine = Machine::new(version);
        let (old, place) = (machine.codex.home.work(), machine.move_work());
        let words = [old.to_str().unwrap(), place.to_str().unwrap()];
        let moved = machine.codex.home.command().arg("moved").args(words).current_dir(&place).output().unwrap();
        assert_eq!(ran(moved).code, 0, "{version}");
        let told = machine.resume(&machine.id, "two", Path::new("/"));
        assert_eq!(told.code, 0, "{version}: {told:?}");
        assert!(told.stderr.contains("was moved there"), "{version}: {}", told.stderr);
        machine.holds(&["one", "two"]);
        let fork = machine.codex.home.ok(&format!("fork {} --turn 1", machine.id)).stdout;
        let first = fs::read_to_string(machine.codex.rollout(fork.trim())).unwrap();
        let sub = serde_json::Value::from(place.join("sub").to_str().unwrap()).to_string();
        assert!(first.lines().next().unwrap().contains(&format!("\"cwd\":{sub}")), "{version}");
        assert_eq!(machine.resume(fork.trim(), "three", &place).code, 0, "{version}");
        machine.holds(&["one", "three"]);
    }
}

#[test]
fn a_session_whose_directory_is_gone_goes_on_where_the_person_stands() {
    let machine = Machine::new(CURRENT);
    fs::remove_dir_all(machine.codex.home.work()).unwrap();
    let here = machine.codex.home.path().parent().unwrap().join("new");
    fs::create_dir(&here).unwrap();
    let mut doctor = machine.codex.home.command();
    let hidden =
        ran(doctor.args(["doctor", "--json"]).current_dir(&here).output().unwrap()).json()[0]["hidden"].clone();
    assert_eq!(
        (&hidden[0]["session"], &hidden[0]["provider"]),
        (&machine.id.as_str().into(), &serde_json::Value::Null)
    );
    assert!(hidden[0]["directory"].as_str().unwrap().ends_with("/work/sub"), "{hidden}");
    // `codex exec` goes nowhere else.
    ran(Command::new("git").args(["init", "-q"]).current_dir(&here).output().unwrap());
    let told = machine.resume(&machine.id, "two", &here);
    assert_eq!(told.code, 0, "{told:?}");
    assert!(told.stderr.contains("/sub` is not there"), "{}", told.stderr);
    machine.holds(&["one", "two"]);
}

#[test]
fn a_fork_can_be_had_for_another_directory() {
    for version in [CURRENT, LEGACY] {
        let machine = Machine::new(version);
        let here = machine.codex.home.path().parent().unwrap().join("other \"place\"");
        fs::create_dir(&here).unwrap();
        let missing = machine.codex.home.run(["fork", &machine.id, "--cd", "/nowhere/at/all"]);
        assert_eq!(missing.code, 2, "{missing:?}");
        let forked = machine.codex.home.run(["fork", &machine.id, "--cd", here.to_str().unwrap()]);
        let fork = forked.stdout.trim();
        let listed = machine.codex.home.ok("list --all --json").json();
        let of = |id: &str| listed.iter().find(|listed| listed["session"] == id).unwrap()["cwd"].clone();
        assert!(of(fork) == here.to_str().unwrap() && of(&machine.id) != of(fork), "{version}: {listed:?}");
        let again = machine.codex.home.ok(&format!("fork {fork}")).stdout;
        let listed = machine.codex.home.ok("list --all --json").json();
        let again = listed.iter().find(|listed| listed["session"] == again.trim()).unwrap();
        assert_eq!(again["cwd"], here.to_str().unwrap(), "{version}");
        assert_eq!(machine.resume(fork, "two", &machine.codex.home.work()).code, 0, "{version}");
        machine.holds(&["one", "two"]);
        machine.codex.home.ok("record -q");
        machine.codex.home.ok("verify -q");
        let now = &machine.codex.home.ok(&format!("log --json -n 1 {fork}")).json()[0];
        // `codex exec` goes where it is started, whatever the session says.
        let text = fs::read_to_string(machine.codex.rollout(fork)).unwrap();
        let cwd = serde_json::Value::from(here.to_str().unwrap()).to_string();
        assert!(text.lines().next().unwrap().contains(&format!("\"cwd\":{cwd}")), "{version}: {now}");
    }
}

#[test]
fn a_native_fork_goes_on_where_its_base_never_was() {
    let (here, there) = (Codex::new(CURRENT), Codex::new(CURRENT));
    let base = here.start("one");
    here.turn(&base, "two");
    let fork = AppServer::of(&here).fork(&base);
    assert_eq!(here.turn(&fork, "three in the fork").code, 0);
    here.turn(&base, "what only the base has");
    here.ok("init -q --no-hooks");
    // Only the fork's branch travels.
    for folder in ["heads", "open"] {
        here.home.git(&format!("update-ref -d refs/{folder}/{base}"));
    }
    copy_folder(&here.home.store(), &there.home.store());
    there.ok(&format!("restore -q {fork}"));
    assert_eq!(there.turn(&fork, "four there").code, 0);
    let history = there.server.last_history();
    let asked: Vec<&str> = history.iter().filter_map(|said| said.strip_prefix("user: ")).collect();
    assert_eq!(asked, ["one", "two", "three in the fork", "four there"]);
    assert!(!fs::read_to_string(there.rollout(&base)).unwrap().contains("what only the base has"));
    there.ok("record -q");
    there.ok("verify -q");
}

#[test]
fn settings_that_nobody_can_read_hinder_no_fork() {
    let (home, fixture) = (Home::with(&["0.169"]), Fixture::named("0.169"));
    fs::write(home.path().join("config.toml"), "[broken\n").unwrap();
    home.ok("init -q --no-hooks");
    let fork = home.ok(&format!("fork {}", fixture.id())).stdout;
    let own = |bytes: &[u8]| bytes[line_ends(bytes)[0]..].to_vec();
    let there = fs::read(find_rollout(&home, fork.trim())).unwrap();
    assert!(own(&there) == own(&fixture.bytes), "it is as it was");
    assert_eq!(home.run(["fork", &fixture.id(), "--provider", "openai"]).code, 1);
}

/// The rollout of a session, wherever it is.
fn find_rollout(home: &Home, id: &str) -> PathBuf {
    let found = Command::new("find").arg(home.path()).args(["-name", &format!("*{id}.jsonl")]).output();
    PathBuf::from(ran(found.unwrap()).stdout.trim())
}

#[test]
fn a_lean_fork_has_the_conversation_without_what_tools_printed() {
    for version in [CURRENT, LEGACY] {
        let codex = Codex::new(version);
        let id = codex.start("a quiet turn");
        codex.turn(&id, "a loud turn [[shell:seq 1 3000]]");
        codex.turn(&id, "another quiet turn");
        codex.ok("init -q --no-hooks");
        let before = fs::read(codex.rollout(&id)).unwrap();
        let forked = codex.home.ok(&format!("fork --lean 2k {id}"));
        assert!(forked.stderr.contains("left 1 output or image out of what the model gets: "), "{}", forked.stderr);
        let fork = forked.stdout.trim();
        // Nobody has gone on with it: it is not where the person is.
        assert_eq!(codex.home.ok("log --json -n 1").json()[0]["session"], id.as_str(), "{version}");
        assert_eq!(codex.turn(fork, "go on").code, 0, "{version}");
        assert_eq!(codex.home.ok("log --json -n 1").json()[0]["session"], fork, "{version}");
        let history = codex.server.last_history();
        let prompts: Vec<_> = history.iter().filter(|said| said.starts_with("user: ")).collect();
        assert_eq!(prompts.len(), 4, "{version}: {history:?}");
        let outputs = codex.server.last_outputs();
        assert!(outputs.iter().any(|output| output.contains("bytes left out; `codex-git show ")), "{outputs:?}");
        assert!(outputs.iter().all(|output| output.len() < 2048), "{version}");
        assert_eq!(fs::read(codex.rollout(&id)).unwrap(), before, "{version}");
        codex.home.ok("record -q");
        codex.home.ok("verify -q");
        // What is before the first turn that changed is one object.
        let blob = |session: &str, turn| codex.home.git(&format!("rev-parse {session}:0000/0{turn}.jsonl"));
        assert!(blob(&id, 1) == blob(fork, 1) && blob(&id, 2) != blob(fork, 2), "{version}");
        let all = codex.home.ok(&format!("fork --lean 1G {id}"));
        assert!(all.stderr.contains("left 0 outputs or images out"), "{}", all.stderr);
    }
}

#[test]
fn the_terminal_goes_on_as_exec_does() {
    let machine = Machine::new(CURRENT);
    machine.providers(&["other", "mock"]);
    let place = machine.move_work();
    let mut command = machine.codex.home.command();
    command.env("PATH", machine.codex.path()).args(["resume", &machine.id, "--", "--no-daemon"]).current_dir(&place);
    let terminal = Terminal::run(&command);
    terminal.shows("Trust this folder?");
    // Keys that come at once are not taken.
    std::thread::sleep(std::time::Duration::from_millis(1000));
    terminal.press("\r");
    terminal.lacks("Trust this folder?");
    terminal.shows("one");
    terminal.line("two");
    terminal.shows("reply to: two");
    let history = machine.codex.server.history_of("two");
    assert!(history.contains(&"user: one".to_owned()), "{history:?}");
    let text = fs::read_to_string(machine.codex.rollout(&machine.id)).unwrap();
    let sub = serde_json::Value::from(place.join("sub").to_str().unwrap()).to_string();
    assert!(text.lines().any(|line| line.contains("turn_context") && line.contains(&format!("\"cwd\":{sub}"))));
}
